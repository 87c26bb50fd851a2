"""Fetches the cookies from where the settings say they lie."""

from debate_contract.errors import UsageFault
from debate_contract.storage import explained, locate, read
from debate_contract.texts import decode_text

from debate_downloader.cookies.formats import Cookie, parse_cookies
from debate_downloader.settings import CookieSource


def load_cookies(source: CookieSource) -> list[Cookie]:
    """Read the cookies; none are fine when no source is named.

    Raises UsageFault for an empty secret or malformed cookies, InputNotFound when there is nothing
    at the place named; the sentence names the place and never a value.
    """
    if source.secret_arn:
        return _parse(_secret(source.secret_arn), f"the secret {source.secret_arn}")
    place = source.s3_uri or (str(source.file) if source.file else None)
    return _parse(_text(read(locate(place)), place), place) if place else []


def _secret(arn: str) -> str:
    from debate_contract.storage.s3 import client

    fields = arn.split(":")
    region = fields[3] if arn.startswith("arn:") and len(fields) > 3 else None
    with explained(f"the secret {arn}"):
        answer = client("secretsmanager", region).get_secret_value(SecretId=arn)
    said = answer.get("SecretString")
    return str(said) if said else _text(bytes(answer.get("SecretBinary", b"")), arn)


def _text(content: bytes, place: str) -> str:
    try:
        return decode_text(content).content
    except ValueError:
        raise UsageFault(f"{place} is no text file: export the cookies again") from None


def _parse(text: str, place: str) -> list[Cookie]:
    if not text.strip():
        raise UsageFault(f"{place} is empty: put the text of a cookies.txt into it, or name none")
    try:
        return parse_cookies(text)
    except UsageFault as error:
        raise UsageFault(f"{place}: {error}") from None
