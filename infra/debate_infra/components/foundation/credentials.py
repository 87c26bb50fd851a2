"""Secrets that stages may need: a Hugging Face token and YouTube cookies."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import secretsmanager

from debate_infra.settings.secrets import SecretSettings


@dataclass(frozen=True)
class CredentialsArgs:
    """What the secrets depend on."""

    name: str
    settings: SecretSettings


class Credentials(pulumi.ComponentResource):
    """ARNs of the secrets, made here or elsewhere; a value never becomes an output."""

    hf_token_arn: pulumi.Input[str] | None
    cookies_arn: pulumi.Input[str] | None
    cookies_s3_uri: str | None
    key_arns: list[str]  # KMS keys of the user's own that lock them

    def __init__(
        self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Credentials", name, None, opts)
        self._prefix = args.name
        self._child = pulumi.ResourceOptions(parent=self)
        given = args.settings
        self.hf_token_arn = given.hf_token_arn
        if given.hf_token is not None:
            self.hf_token_arn = self._secret(
                "hf-token", "Hugging Face token for pyannote's models", given.hf_token
            )
        self.cookies_arn = given.cookies_arn
        if given.with_cookies:
            self.cookies_arn = self._secret(
                "youtube-cookies", "cookies.txt of a YouTube session", given.cookies
            )
        self.cookies_s3_uri = given.cookies_s3_uri
        self.key_arns = list(given.key_arns)
        self.register_outputs({"hfToken": self.hf_token_arn})

    def cookies_environment(self) -> dict[str, pulumi.Input[str]]:
        """How the downloader finds its cookies."""
        if self.cookies_arn:
            return {"YT_COOKIES_SECRET_ARN": self.cookies_arn}
        return {"YT_COOKIES_S3_URI": self.cookies_s3_uri} if self.cookies_s3_uri else {}

    def _secret(
        self, kind: str, description: str, value: pulumi.Output[str] | None
    ) -> pulumi.Output[str]:
        """Make a secret; without a value it is filled by hand and Pulumi never sees it."""
        secret = secretsmanager.Secret(
            f"{self._prefix}-{kind}",
            description=description,
            # A mistaken removal can be undone for a week.
            recovery_window_in_days=7,
            opts=self._child,
        )
        if value is not None:
            secretsmanager.SecretVersion(
                kind, secret_id=secret.id, secret_string=value, opts=self._child
            )
        arn: pulumi.Output[str] = secret.arn
        return arn
