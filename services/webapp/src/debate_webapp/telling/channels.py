"""How failures reach somebody: a signed POST, or a mail. Either raises OSError when it does not."""

import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from debate_contract.errors import UsageFault

from debate_webapp.telling.failures import Failure

TIMEOUT = 10.0
_LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and the secret that its owner knows us by."""

    url: str = field(repr=False)  # where others take hooks, its path is a secret
    secret: str = field(repr=False)

    def tell(self, failures: Sequence[Failure], page: str) -> None:
        """POST them as JSON, signed over the time and the body; a redirect is not followed.

        Redirects lead where whoever answers likes, also into the network of the site.
        """
        told = [{**asdict(failure), "key": list(failure.key)} for failure in failures]
        body = json.dumps({"event": "failed", "page": page, "failures": told}).encode()
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Debate-Time": at,
            "X-Debate-Signature": sign(self.secret, at, body),
        }
        status = self._post(body, headers)
        if not 200 <= status < 300:
            raise OSError(f"the webhook answers with {status}")

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, whose body is not read, however long it is."""
        import requests

        try:
            with requests.post(
                self.url,
                body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as reply:
                return reply.status_code
        except requests.RequestException as error:  # whose text has the whole address
            host = urlsplit(self.url).hostname
            raise OSError(f"{host} cannot be reached ({type(error).__name__})") from error


def sign(secret: str, at: str, body: bytes) -> str:
    """`sha256=` and HMAC-SHA256 of `<time>.<body>`, in hexadecimal."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server, smtp:// or smtps://, and whom to write to; a password needs TLS."""

    server: str = field(repr=False)
    sender: str
    to: str

    def tell(self, failures: Sequence[Failure], page: str) -> None:
        """One mail for all of them."""
        message = EmailMessage()
        what = "A recording" if len(failures) == 1 else f"{len(failures)} recordings"
        message["Subject"] = f"{what} did not become a debate"
        message["From"], message["To"] = self.sender, self.to
        lines = (f"{one.title}\n    {one.sentence or 'no reason is known'}" for one in failures)
        message.set_content("\n\n".join([*lines, page]).strip() + "\n")
        parts = urlsplit(self.server)
        with self._connect(parts.scheme, parts.hostname or "", parts.port) as smtp:
            if parts.username:
                if parts.scheme == "smtp":
                    smtp.starttls(context=ssl.create_default_context())
                smtp.login(unquote(parts.username), unquote(parts.password or ""))
            smtp.send_message(message)

    @staticmethod
    def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
        if scheme == "smtps":
            # Without one smtplib takes any certificate, and shows the password to whoever has it.
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=context)
        return smtplib.SMTP(host, port or 587, timeout=TIMEOUT)


Channel = Webhook | Mail


def channels_from(env: Mapping[str, str]) -> tuple[Channel, ...]:
    """Those that the settings name; raises UsageFault for half of one."""
    return (*_webhook(env), *_mail(env))


def _webhook(env: Mapping[str, str]) -> list[Channel]:
    url, secret = env.get("WEBHOOK_URL", ""), env.get("WEBHOOK_SECRET", "")
    if not url:
        return []
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageFault("WEBHOOK_URL is the address that failures are posted to: https://…")
    if len(secret) < _LEAST_SECRET:
        raise UsageFault("WEBHOOK_SECRET signs what is posted: 16 random letters or more")
    return [Webhook(url, secret)]


def _mail(env: Mapping[str, str]) -> list[Channel]:
    server, to, sender = (env.get(name, "") for name in ("SMTP_URL", "MAIL_TO", "MAIL_FROM"))
    if not (server or to):
        return []
    if urlsplit(server).scheme not in ("smtp", "smtps") or not (to and sender):
        raise UsageFault("failures are mailed by SMTP_URL (smtp://, smtps://), MAIL_FROM, MAIL_TO")
    if not (to + sender).isprintable():
        raise UsageFault("MAIL_FROM and MAIL_TO are addresses on one line each")
    return [Mail(server, sender, to)]
