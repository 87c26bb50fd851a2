"""Cookies: three shapes in, the Netscape file out. A value is never part of a message."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from debate_contract.errors import UsageFault

HEADER = "# Netscape HTTP Cookie File"
HTTP_ONLY = "#HttpOnly_"
MOST_NAMED = 5  # malformed lines in one message
EXPIRY = re.compile(r"(-?\d{1,12}(\.\d+)?)?")  # Unix seconds; empty, 0 and -1: of the session
WHITESPACE = re.compile(r"\s")
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
    text = text.lstrip("\ufeff").strip(" \r\n")  # not tabs: a last field may be empty
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
    found = [(number, _problem(_fields(line))) for number, line in lines]
    problems = [f"line {number} {problem}" for number, problem in found if problem]
    if problems:
        raise UsageFault(
            f"the cookies are malformed: {', '.join(problems[:MOST_NAMED])}; export them again in "
            "Netscape format, or convert them with debate-cookies"
        )
    return [_from_line(line) for _, line in lines]


def format_netscape(cookies: Iterable[Cookie]) -> str:
    """Write the file that yt-dlp, curl and wget read."""
    return "\n".join([HEADER, "", *(_line(cookie) for cookie in cookies), ""])


def _is_data(line: str) -> bool:
    return bool(line.strip()) and (line.startswith(HTTP_ONLY) or not line.startswith("#"))


def _fields(line: str) -> list[str]:
    return line.removeprefix(HTTP_ONLY).split("\t")


def _problem(fields: list[str]) -> str | None:
    """What is wrong with a line, in words that give nothing of it away."""
    if len(fields) != 7:
        return f"has {len(fields)} fields instead of 7 separated by tabs"
    if not fields[0] or not fields[5]:
        return "lacks a domain or a name"
    return None if EXPIRY.fullmatch(fields[4]) else "has no valid expiry"


def _from_line(line: str) -> Cookie:
    domain, _, path, secure, expires, name, value = _fields(line)
    when = max(int(float(expires or 0)), 0)
    safe, http_only = secure.upper() == "TRUE", line.startswith(HTTP_ONLY)
    return Cookie(domain, name, value, path or "/", safe, http_only, when)


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
    unsafe = FORBIDDEN.search(domain + name + value)
    if not domain.strip(".") or not name or unsafe or not _is_time(expires):
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


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _from_header(text: str, domain: str) -> list[Cookie]:
    text = re.sub(r"^cookie:\s*", "", text, flags=re.IGNORECASE)
    if "\n" in text:
        raise UsageFault(
            "the cookies are neither JSON, nor a Netscape file, nor one Cookie: header"
        )
    pairs = [pair.strip().partition("=") for pair in text.split(";") if pair.strip()]
    for number, (name, equals, _) in enumerate(pairs, 1):
        if WHITESPACE.search(name.strip()):
            raise UsageFault(
                f"part {number} of the Cookie: header has a space in its name; if this is a "
                "cookies.txt, its fields must be separated by tabs"
            )
        if not name or not equals:
            raise UsageFault(f"part {number} of the Cookie: header is not name=value")
    return [Cookie(domain, name.strip(), value.strip()) for name, _, value in pairs]


def _line(cookie: Cookie) -> str:
    subdomains = "TRUE" if cookie.domain.startswith(".") else "FALSE"
    secure = "TRUE" if cookie.secure else "FALSE"
    prefix = HTTP_ONLY if cookie.http_only else ""
    fields = (cookie.domain, subdomains, cookie.path, secure, str(cookie.expires), cookie.name)
    return prefix + "\t".join((*fields, cookie.value))
