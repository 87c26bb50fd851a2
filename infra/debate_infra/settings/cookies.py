"""YouTube cookies from a file of the user's, checked before they become a secret."""

from pathlib import Path

from debate_infra.settings.errors import SettingError

KEY = "ytCookiesFile"
# The largest value that Secrets Manager keeps.
LARGEST = 65_536


def read_cookies(path: Path) -> str:
    """The file's text, which must be in Netscape's cookies.txt format (seven tabbed columns).

    Raises:
        SettingError: no such file, another format, or too long for a secret. The sentence never
            repeats anything of the content.

    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(KEY, f"cannot read {path} ({type(error).__name__})") from error
    if not any(line.count("\t") == 6 for line in text.splitlines()):
        raise SettingError(
            KEY, f"{path} is not a cookies.txt; convert it with `make cookies IN={path} OUT=...`"
        )
    if len(text.encode()) > LARGEST:
        raise SettingError(
            KEY, f"{path} is over {LARGEST} bytes; export only the cookies of youtube.com"
        )
    return text
