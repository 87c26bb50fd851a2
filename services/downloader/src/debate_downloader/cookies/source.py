"""Fetches the cookies from where the settings say they lie."""

from debate_downloader.aws import explained
from debate_downloader.cookies.formats import Cookie, parse_cookies
from debate_downloader.errors import InputNotFound, UsageFault
from debate_downloader.settings import CookieSource
from debate_downloader.storage import locate, read_text


def load_cookies(source: CookieSource) -> list[Cookie]:
    """Read the cookies; none are fine when no source is named.

    Raises UsageFault for an empty secret or malformed cookies, InputNotFound when there is nothing
    at the place named; the sentence names the place and never a value.
    """
    if source.secret_arn:
        return _parse(_secret(source.secret_arn), f"the secret {source.secret_arn}")
    place = source.s3_uri or (str(source.file) if source.file else None)
    if place is None:
        return []
    try:
        text = read_text(locate(place))
    except (OSError, UnicodeDecodeError) as error:
        raise InputNotFound(f"the cookies {place} cannot be read: is it a text file?") from error
    if text is None:
        raise InputNotFound(f"the cookies {place} do not exist: check the path")
    return _parse(text, place)


def _secret(arn: str) -> str:
    import boto3

    fields = arn.split(":")
    region = fields[3] if arn.startswith("arn:") and len(fields) > 3 else None
    with explained(f"the secret {arn}"):
        client = boto3.client("secretsmanager", region_name=region)
        answer = client.get_secret_value(SecretId=arn)
    return str(answer.get("SecretString") or bytes(answer.get("SecretBinary", b"")).decode())


def _parse(text: str, place: str) -> list[Cookie]:
    if not text.strip():
        raise UsageFault(f"{place} is empty: put the text of a cookies.txt into it, or name none")
    try:
        return parse_cookies(text)
    except UsageFault as error:
        raise UsageFault(f"{place}: {error}") from None
