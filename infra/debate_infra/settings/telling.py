"""Where the site tells of failures: a webhook, e-mail, or both."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi

from debate_infra.settings.configuration import Configuration
from debate_infra.settings.errors import SettingError

_LEAST_SECRET = 16  # letters; the site takes no shorter ones


@dataclass(frozen=True)
class TellingSettings:
    """What the site is told of them, by the names of its environment."""

    environment: dict[str, str]
    secrets: dict[str, pulumi.Output[str]]


def read_telling(config: Configuration) -> TellingSettings:
    """Read where failures are told; raises SettingError for half of a channel."""
    hook, key, server = (config.text(k) for k in ("webhookUrl", "webhookSecret", "smtpUrl"))
    sender, to = config.text("mailFrom"), config.text("mailTo")
    _check_webhook(hook, key)
    _check_mail(server, sender, to)
    plain = {"WEBHOOK_URL": hook, "MAIL_FROM": sender, "MAIL_TO": to}
    kept = {"WEBHOOK_SECRET": "webhookSecret", "SMTP_URL": "smtpUrl"}
    secrets = {name: config.secret(setting) for name, setting in kept.items()}
    return TellingSettings(
        {name: value for name, value in plain.items() if value},
        {name: value for name, value in secrets.items() if value},
    )


def _check_webhook(url: str | None, secret: str | None) -> None:
    if bool(url) != bool(secret):
        raise SettingError("webhookUrl", "give webhookUrl and webhookSecret together, or neither")
    if url and not (urlsplit(url).scheme == "https" and urlsplit(url).hostname):
        raise SettingError("webhookUrl", f"'{url}' is not an https:// address")
    if secret and len(secret) < _LEAST_SECRET:
        raise SettingError("webhookSecret", f"has fewer than {_LEAST_SECRET} letters")


def _check_mail(server: str | None, sender: str | None, to: str | None) -> None:
    if len({bool(server), bool(sender), bool(to)}) > 1:
        raise SettingError("smtpUrl", "give smtpUrl, mailFrom and mailTo together, or none of them")
    if server and urlsplit(server).scheme not in ("smtp", "smtps"):
        raise SettingError("smtpUrl", "is smtp://… or smtps://…, with user and password in it")
