"""One image repository per service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from debate_infra.settings.images import SERVICES

# Builds that stay, of commits or pushed by hand; and more images than a repository may have (ECR's
# quota is 100,000).
_BUILDS, _ALL = 10, 100_000


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
        policy = json.dumps(lifecycle(service, self._tags[service]))
        ecr.LifecyclePolicy(service, repository=repository.name, policy=policy, opts=self._child)
        return repository


def lifecycle(service: str, running_tag: str) -> dict[str, object]:
    """Lifecycle rules of a repository: builds of commits expire, releases and what runs stay.

    An image that a rule's tags select is out of reach of the rules after it ("Lifecycle policy
    evaluation rules" in the ECR user guide): so those that must stay come first, with a count that
    no repository reaches. An image may be a commit's build and a release at once.
    """
    kept = dict.fromkeys((f"{service}-v*", running_tag))
    selections = [
        *(_more_than(_ALL, tag) for tag in kept),
        _more_than(_BUILDS, "commit-*"),
        _more_than(_BUILDS, "tree-*"),
    ]
    rules = [
        {"rulePriority": n, "selection": selection, "action": {"type": "expire"}}
        for n, selection in enumerate(selections, start=1)
    ]
    return {"rules": rules}


def _more_than(count: int, tag: str) -> dict[str, object]:
    return {
        "tagStatus": "tagged",
        "tagPatternList": [tag],
        "countType": "imageCountMoreThan",
        "countNumber": count,
    }
