"""Cookies: three shapes in, the Netscape file out. A value is never part of a message."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from debate_downloader.errors import UsageFault

HEADER = "# Netscape HTTP Cookie File"
HTTP_ONLY = "#HttpOnly_"
FORBIDDEN = re.compile(r"[\t\r\n\x00]")


@dataclass(frozen=True)
class Cookie:
    """One cookie; `expires` in Unix seconds, 0 for a cookie of the session."""

    domain: str
    name: str
    value: str
    path: str = "/"
    secure: bool = True
    http_only: bool = False
    expires: int = 0


def parse_cookies(text: str, domain: str = ".youtube.com") -> list[Cookie]:
    """Read a Netscape file, a browser's JSON export or a `Cookie:` header, whichever it is.

    `domain` is where a header's cookies belong; the other shapes say it themselves. Raises
    UsageFault that names the line or entry, never its content.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise UsageFault("there are no cookies: the input is empty")
    if text[0] in "[{":
        cookies = _from_json(text)
    elif "\t" in text or text.startswith("#"):
        cookies = parse_netscape(text)
    else:
        cookies = _from_header(text, domain)
    if not cookies:
        raise UsageFault("there are no cookies in the input: export them again, signed in")
    return cookies


def parse_netscape(text: str) -> list[Cookie]:
    """Read the seven tab-separated fields of each line; comments and empty lines are skipped."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _is_data(line)]
    return [_from_line(number, line) for number, line in lines]


def format_netscape(cookies: Iterable[Cookie]) -> str:
    """Write the file that yt-dlp, curl and wget read."""
    return "\n".join([HEADER, "", *(_line(cookie) for cookie in cookies), ""])


def _is_data(line: str) -> bool:
    return bool(line.strip()) and (line.startswith(HTTP_ONLY) or not line.startswith("#"))


def _from_line(number: int, line: str) -> Cookie:
    fields = line.removeprefix(HTTP_ONLY).rstrip("\r\n").split("\t")
    if len(fields) != 7:
        raise UsageFault(
            f"line {number} of the cookies has {len(fields)} fields instead of 7 separated by "
            "tabs: export them again in Netscape format, or convert them with debate-cookies"
        )
    domain, _, path, secure, expires, name, value = fields
    seconds = expires.partition(".")[0] or "0"
    if not domain or not name or not seconds.lstrip("-").isdigit():
        raise UsageFault(f"line {number} of the cookies lacks a domain, a name or a valid expiry")
    when, safe = max(int(seconds), 0), secure.upper() == "TRUE"
    return Cookie(domain, name, value, path or "/", safe, line.startswith(HTTP_ONLY), when)


def _from_json(text: str) -> list[Cookie]:
    try:
        document = json.loads(text)
    except ValueError:
        raise UsageFault(
            "the cookies look like JSON but are not valid: export them again"
        ) from None
    entries = document.get("cookies") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise UsageFault("the JSON has no list of cookies: export them again with the extension")
    return [_from_entry(number, entry) for number, entry in enumerate(entries, 1)]


def _from_entry(number: int, entry: Any) -> Cookie:
    """One object of a browser extension's, Chrome's or Playwright's export."""
    if not isinstance(entry, dict):
        raise UsageFault(f"cookie {number} of the JSON is not an object")
    domain, name, value = (str(entry.get(key, "")) for key in ("domain", "name", "value"))
    if entry.get("hostOnly") is False and not domain.startswith("."):
        domain = f".{domain}"
    expires = entry.get("expirationDate", entry.get("expires")) or 0
    valid_expiry = isinstance(expires, int | float) and not isinstance(expires, bool)
    if (
        not domain.strip(".")
        or not name
        or not valid_expiry
        or FORBIDDEN.search(domain + name + value)
    ):
        raise UsageFault(f"cookie {number} of the JSON lacks a domain, a name or a valid expiry")
    return Cookie(
        domain,
        name,
        value,
        path=str(entry.get("path") or "/"),
        secure=bool(entry.get("secure", True)),
        http_only=bool(entry.get("httpOnly", False)),
        expires=max(int(expires), 0),
    )


def _from_header(text: str, domain: str) -> list[Cookie]:
    text = re.sub(r"^cookie:\s*", "", text, flags=re.IGNORECASE)
    if "\n" in text:
        raise UsageFault(
            "the cookies are neither JSON, nor a Netscape file, nor one Cookie: header"
        )
    pairs = [pair.strip().partition("=") for pair in text.split(";") if pair.strip()]
    for number, (name, equals, _) in enumerate(pairs, 1):
        if not name or not equals:
            raise UsageFault(f"part {number} of the Cookie: header is not name=value")
    return [Cookie(domain, name.strip(), value.strip()) for name, _, value in pairs]


def _line(cookie: Cookie) -> str:
    subdomains = "TRUE" if cookie.domain.startswith(".") else "FALSE"
    secure = "TRUE" if cookie.secure else "FALSE"
    prefix = HTTP_ONLY if cookie.http_only else ""
    fields = (cookie.domain, subdomains, cookie.path, secure, str(cookie.expires), cookie.name)
    return prefix + "\t".join((*fields, cookie.value))
