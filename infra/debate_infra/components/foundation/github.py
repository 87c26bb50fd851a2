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
        child = pulumi.ResourceOptions(parent=self)
        given = args.settings
        provider_arn = given.provider_arn or self._make_provider(name, child)
        made = role(
            f"{args.name}-github",
            trust=as_json(
                resource_policies.assumed_by_github,
                provider_arn=provider_arn,
                repository=given.repository,
                subject=f"ref:refs/heads/{given.branch}",
            ),
            policy=as_json(policies.push_images, repository_arns=list(args.repository_arns)),
            opts=child,
            description=f"Workflows of {given.repository} push images",
        )
        self.role_arn = made.arn
        bucket = f"arn:{args.partition}:s3:::{given.state_bucket}" if given.state_bucket else None
        self.preview_role_arn = role(
            f"{args.name}-preview",
            trust=as_json(
                resource_policies.assumed_by_github,
                provider_arn=provider_arn,
                repository=given.repository,
                subject="pull_request",
            ),
            policy=as_json(
                policies.preview, state_bucket_arn=bucket, state_key_arn=given.state_key_arn
            ),
            opts=child,
            description=f"Pull requests of {given.repository} see what they would change",
        ).arn
        self.register_outputs({"roleArn": self.role_arn})

    def _make_provider(self, name: str, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """Make the account's GitHub identity provider; an account can have only one."""
        provider = iam.OpenIdConnectProvider(
            name,
            url=f"https://{resource_policies.GITHUB_ISSUER}",
            client_id_lists=["sts.amazonaws.com"],
            opts=child,
        )
        arn: pulumi.Output[str] = provider.arn
        return arn
