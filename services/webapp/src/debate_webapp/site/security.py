"""Response headers and cookies, the names the site answers to and the proxies it believes."""

import re

from flask import Flask, Request, Response, abort, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from debate_webapp.incoming.s3 import S3Store
from debate_webapp.incoming.storage import Store

FORM_BYTES = 1_000_000


class SessionCookies(SecureCookieSessionInterface):
    """Cookies are `Secure` whenever the page came over https."""

    def get_cookie_secure(self, _app: Flask) -> bool:
        """Decided per request, so one setting serves a laptop and a load balancer."""
        return request.is_secure


def init_security(app: Flask, store: Store) -> None:
    """Session cookies, body limit and headers for every response."""
    app.config.update(
        SESSION_COOKIE_NAME="debate_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session; an editor works for hours
    )
    app.session_interface = SessionCookies()
    app.after_request(lambda response: _with_headers(response, store))


def check_hosts(app: Flask, allowed: tuple[str, ...]) -> None:
    """Answer only for the site's own names, so that no other ever stands in a link or a cookie.

    Without `allowed` it answers for any. `/livez` and `/healthz` are asked by load balancers,
    under the address of the machine.
    """

    if not allowed:
        return

    @app.before_request
    def check() -> None:
        asked_by_machines = request.blueprint == "health"
        if not asked_by_machines and not _is_allowed(request.host, allowed):
            abort(400, "The site is not known under this name; ALLOWED_HOSTS lists those it has.")


def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    name = re.sub(r":[0-9]*\Z", "", host).lower()
    return any(name == own or (own[0] == "." and name.endswith(own)) for own in allowed)


def trust_proxies(app: Flask, count: int) -> None:
    """Believe so many proxies in front of the site who asks, and by which scheme."""
    if not count:
        _remind_of_proxies(app)
        return
    # Not X-Forwarded-Host: load balancers pass on what a visitor made up, and Host is enough.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def _remind_of_proxies(app: Flask) -> None:
    """Say once in the log that a proxy is in front that the settings do not know."""
    said = False

    @app.before_request
    def remind() -> None:
        nonlocal said
        if not said and "X-Forwarded-For" in request.headers:
            said = True
            app.logger.warning(
                "requests come with X-Forwarded-For, but TRUSTED_PROXIES is 0: all readers count as"
                " one address. Set it to the number of proxies in front, if there are any"
            )


def _with_headers(response: Response, store: Store) -> Response:
    bucket = f" {store.origin}" if isinstance(store, S3Store) else ""
    sends = bucket if request.blueprint == "submissions" else ""  # parts of uploads
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'{sends}; media-src 'self'{bucket}; script-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if _is_page(request, response):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.add("Cookie")
    return response


def _is_page(asked: Request, response: Response) -> bool:
    return asked.endpoint != "static" and response.mimetype != "video/mp4"
