"""One image repository per service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from debate_infra.settings.images import SERVICES

_KEEP = 10


@dataclass(frozen=True)
class RegistryArgs:
    """What the repositories depend on."""

    name: str
    tags: Mapping[str, str]


class Registry(pulumi.ComponentResource):
    """Four repositories whose tags never change their meaning."""

    urls: dict[str, pulumi.Output[str]]
    arns: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Registry", name, None, opts)
        self._tags = args.tags
        self._child = pulumi.ResourceOptions(parent=self)
        made = {service: self._repository(args.name, service) for service in SERVICES}
        self.urls = {service: repository.repository_url for service, repository in made.items()}
        self.arns = {service: repository.arn for service, repository in made.items()}
        self.register_outputs({"urls": self.urls})

    def image(self, service: str) -> pulumi.Output[str]:
        """The image of a service that this stack runs."""
        tag = self._tags[service]
        return self.urls[service].apply(lambda url: f"{url}:{tag}")

    def _repository(self, prefix: str, service: str) -> ecr.Repository:
        repository = ecr.Repository(
            service,
            name=f"{prefix}/{service}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
            ],
            opts=self._child,
        )
        policy = json.dumps(keep_newest(_KEEP))
        ecr.LifecyclePolicy(service, repository=repository.name, policy=policy, opts=self._child)
        return repository


def keep_newest(count: int) -> dict[str, object]:
    """Lifecycle rules that leave so many images in a repository."""
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count}
    rule = {
        "rulePriority": 1,
        "description": f"keep the newest {count}",
        "selection": selection,
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
