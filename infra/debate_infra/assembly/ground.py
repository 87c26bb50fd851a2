"""What everything else stands on: the region, a network, the bucket, images, secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from debate_infra.components.foundation.credentials import Credentials, CredentialsArgs
from debate_infra.components.foundation.github import Github, GithubArgs
from debate_infra.components.foundation.network import Network, NetworkArgs
from debate_infra.components.foundation.registry import Registry, RegistryArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
from debate_infra.settings.account import Account, choose_zones, look_at
from debate_infra.settings.stack import Settings


@dataclass(frozen=True)
class Ground:
    """What the other parts are given; `on_aws` is where they are made."""

    account: Account
    network: Network
    storage: Storage
    registry: Registry
    credentials: Credentials
    tags: Mapping[str, str]
    on_aws: pulumi.ResourceOptions


def lay(settings: Settings) -> Ground:
    """Make what everything else stands on."""
    tags = {"Project": settings.name, "Stack": pulumi.get_stack(), "ManagedBy": "pulumi"}
    defaults = aws.ProviderDefaultTagsArgs(tags=tags)
    provider = aws.Provider("aws", region=settings.region, default_tags=defaults)
    on_aws = pulumi.ResourceOptions(provider=provider)
    account = look_at(settings.region, provider)
    return Ground(
        account=account,
        network=_network(settings, account, on_aws),
        storage=_storage(settings, on_aws),
        registry=Registry("registry", RegistryArgs(settings.name, settings.image_tags), on_aws),
        credentials=_credentials(settings, on_aws),
        tags=tags,
        on_aws=on_aws,
    )


def _network(settings: Settings, account: Account, on_aws: pulumi.ResourceOptions) -> Network:
    given = replace(settings.network, zones=choose_zones(account, settings.network))
    private = bool(settings.webapp)
    args = NetworkArgs(settings.name, settings.region, given, with_private_subnets=private)
    return Network("network", args, on_aws)


def _storage(settings: Settings, on_aws: pulumi.ResourceOptions) -> Storage:
    protected, queried = settings.deletion_protection, bool(settings.dataset)
    args = StorageArgs(settings.name, settings.web_origins, queried, protected)
    return Storage("storage", args, on_aws)


def _credentials(settings: Settings, on_aws: pulumi.ResourceOptions) -> Credentials:
    return Credentials("credentials", CredentialsArgs(settings.name, settings.secrets), on_aws)


def let_github_in(settings: Settings, ground: Ground) -> Github | None:
    """Let the workflows of a repository push images and preview changes, if one is named."""
    if not settings.github:
        return None
    arns, partition = list(ground.registry.arns.values()), ground.account.partition
    args = GithubArgs(settings.name, settings.github, arns, partition)
    return Github("github", args, ground.on_aws)
