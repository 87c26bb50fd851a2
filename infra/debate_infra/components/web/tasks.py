"""What the web application's tasks on Fargate have in common, whatever they run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ecs

from debate_infra.documents.rendering import as_json
from debate_infra.documents.web_task import WebTask

_CPU, _MEMORY = 512, 1024  # half a vCPU with 1 GiB: one of Fargate's sizes


@dataclass(frozen=True)
class Tasks:
    """Where tasks run and what they are started with; `told` are the fields of their `WebTask`."""

    cluster_arn: pulumi.Output[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Output[str]
    public_ip: bool
    start_role_arn: pulumi.Output[str]
    told: Mapping[str, Any]
    password_secret_arn: pulumi.Output[str]

    def define(
        self,
        name: str,
        family: str,
        containers: Callable[[WebTask], list[dict[str, Any]]],
        task_role_arn: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> ecs.TaskDefinition:
        """Make a task definition of these containers; their code has the task role."""
        return ecs.TaskDefinition(
            name,
            family=family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(_CPU),
            memory=str(_MEMORY),
            runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture="X86_64"
            ),
            container_definitions=as_json(lambda **told: containers(WebTask(**told)), **self.told),
            task_role_arn=task_role_arn,
            execution_role_arn=self.start_role_arn,
            opts=opts,
        )

    def network(self) -> dict[str, Any]:
        """The network configuration of a service or of an event's target: both say it alike."""
        return {
            "subnets": list(self.subnet_ids),
            "security_groups": [self.security_group_id],
            "assign_public_ip": self.public_ip,
        }
