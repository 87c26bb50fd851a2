"""The right to push images, for the workflows of one GitHub repository."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from debate_infra.components.foundation.roles import role
from debate_infra.documents import policies, resource_policies
from debate_infra.documents.rendering import as_json
from debate_infra.settings.stack import GithubSettings


@dataclass(frozen=True)
class GithubArgs:
    """What the role depends on."""

    name: str
    settings: GithubSettings
    repository_arns: Sequence[pulumi.Input[str]]
    partition: str = "aws"


class Github(pulumi.ComponentResource):
    """Roles that workflows take by OIDC; no key is stored anywhere.

    One pushes images, for a branch; one looks only, for pull requests, whose code nobody has read.
    """

    role_arn: pulumi.Output[str]
    preview_role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: GithubArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Github", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        self._provider_arn = args.settings.provider_arn or self._make_provider(name)
        self.role_arn = self._let_push()
        self.preview_role_arn = self._let_preview()
        self.register_outputs({"roleArn": self.role_arn})

    def _let_push(self) -> pulumi.Output[str]:
        given = self._args.settings
        return role(
            f"{self._args.name}-github",
            trust=self._trust(f"ref:refs/heads/{given.branch}"),
            policy=as_json(policies.push_images, repository_arns=list(self._args.repository_arns)),
            opts=self._child,
            description=f"Workflows of {given.repository} push images",
        ).arn

    def _let_preview(self) -> pulumi.Output[str]:
        given = self._args.settings
        state = given.state_bucket and f"arn:{self._args.partition}:s3:::{given.state_bucket}"
        return role(
            f"{self._args.name}-preview",
            trust=self._trust("pull_request"),
            policy=as_json(
                policies.preview, state_bucket_arn=state, state_key_arn=given.state_key_arn
            ),
            opts=self._child,
            description=f"Pull requests of {given.repository} see what they would change",
        ).arn

    def _trust(self, subject: str) -> pulumi.Output[str]:
        return as_json(
            resource_policies.assumed_by_github,
            provider_arn=self._provider_arn,
            repository=self._args.settings.repository,
            subject=subject,
        )

    def _make_provider(self, name: str) -> pulumi.Output[str]:
        """Make the account's GitHub identity provider; an account can have only one."""
        provider = iam.OpenIdConnectProvider(
            name,
            url=f"https://{resource_policies.GITHUB_ISSUER}",
            client_id_lists=["sts.amazonaws.com"],
            opts=self._child,
        )
        arn: pulumi.Output[str] = provider.arn
        return arn
