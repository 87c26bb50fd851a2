"""Where secrets come from: given here, lying in AWS already, or put there later by hand."""

import re
from dataclasses import dataclass
from pathlib import Path

import pulumi

from debate_infra.settings.configuration import Configuration
from debate_infra.settings.cookies import read_cookies
from debate_infra.settings.errors import SettingError
from debate_infra.settings.images import CHECKOUT

_S3_OBJECT = re.compile(r"s3://[a-z0-9.-]{3,63}/[^*?]+[^*?/]")
_SECRET_ARN = re.compile(r"arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[^*?]+")
KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")


@dataclass(frozen=True)
class SecretSettings:
    """Where the Hugging Face token, if any, and the YouTube cookies come from."""

    hf_token: pulumi.Output[str] | None
    hf_token_arn: str | None
    with_cookies: bool
    cookies: pulumi.Output[str] | None
    cookies_arn: str | None
    cookies_s3_uri: str | None
    key_arns: tuple[str, ...] = ()  # KMS keys of the user's own that lock what is given


def read_secrets(config: Configuration) -> SecretSettings:
    """Read where they come from; raises SettingError for what comes from two places."""
    token, token_arn = config.secret("hfToken"), _secret_arn(config, "hfTokenSecretArn")
    _at_most_one(hfToken=token, hfTokenSecretArn=token_arn)
    path, arn = config.text("ytCookiesFile"), _secret_arn(config, "ytCookiesSecretArn")
    uri = config.matching("ytCookiesS3Uri", _S3_OBJECT, "one S3 object, s3://bucket/key")
    _at_most_one(ytCookiesFile=path, ytCookiesSecretArn=arn, ytCookiesS3Uri=uri)
    if (arn or uri) and config.flag("withYoutubeCookies", False):
        raise SettingError(
            "withYoutubeCookies", "makes a new secret, but cookies are given already"
        )
    text = read_cookies(CHECKOUT / Path(path).expanduser()) if path else None
    return SecretSettings(
        hf_token=token,
        hf_token_arn=token_arn,
        with_cookies=bool(path) or config.flag("withYoutubeCookies", False),
        cookies=pulumi.Output.secret(text) if text else None,
        cookies_arn=arn,
        cookies_s3_uri=uri,
        key_arns=_key_arns(config),
    )


def _key_arns(config: Configuration) -> tuple[str, ...]:
    given = config.texts("kmsKeyArns")
    for arn in given:
        if not KEY_ARN.fullmatch(arn):
            raise SettingError("kmsKeyArns", f"'{arn}' is not the ARN of a KMS key (no alias)")
    return given


def _secret_arn(config: Configuration, key: str) -> str | None:
    return config.matching(key, _SECRET_ARN, "the ARN of a Secrets Manager secret")


def _at_most_one(**given: object) -> None:
    keys = [key for key, value in given.items() if value is not None]
    if len(keys) > 1:
        raise SettingError(keys[0], f"give only one of {' and '.join(keys)}")
