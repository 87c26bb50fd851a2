"""What editors corrected on the site, written into the bucket before the dataset is made of it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ecs

from debate_infra.components.dataset.events import start_on_event
from debate_infra.components.foundation.roles import service_role
from debate_infra.components.foundation.storage import Storage
from debate_infra.components.web.tasks import Tasks
from debate_infra.documents import policies, web_task
from debate_infra.documents.rendering import as_json


@dataclass(frozen=True)
class CorrectionsArgs:
    """What the task depends on; `schedule` is the dataset's, whose job follows it."""

    name: str
    schedule: str
    tasks: Tasks
    storage: Storage


class Corrections(pulumi.ComponentResource):
    """A task that runs `debate-webapp corrections` on a schedule, and the event of its end.

    It has a definition and a role of its own: the site itself, which strangers can reach, may not
    write to the bucket.
    """

    ended: pulumi.Output[str]

    def __init__(
        self, name: str, args: CorrectionsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Corrections", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._full_name = f"{args.name}-corrections"
        allowed = as_json(
            policies.write_corrections,
            bucket_arn=args.storage.arn,
            password_secret_arn=args.tasks.password_secret_arn,
        )
        role_arn = service_role(f"{self._full_name}-task", "ecs-tasks", allowed, self._child).arn
        task = args.tasks.define(name, self._full_name, web_task.corrections, role_arn, self._child)
        self._schedule(task, role_arn)
        self.ended = as_json(
            ended_task,
            cluster_arn=args.tasks.cluster_arn,
            definition_arn=task.arn_without_revision,
        )
        self.register_outputs({"taskDefinition": task.family})

    def _schedule(self, task: ecs.TaskDefinition, role_arn: pulumi.Output[str]) -> None:
        tasks = self._args.tasks
        network = cloudwatch.EventTargetEcsTargetNetworkConfigurationArgs(**tasks.network())
        when = {
            "description": "Write what editors corrected, for the dataset of all debates",
            "schedule_expression": self._args.schedule,
        }
        target = {
            "arn": tasks.cluster_arn,
            "ecs_target": cloudwatch.EventTargetEcsTargetArgs(
                task_definition_arn=task.arn, launch_type="FARGATE", network_configuration=network
            ),
        }
        allowed = as_json(
            policies.run_task,
            definition_arn=task.arn_without_revision,
            role_arns=[role_arn, tasks.start_role_arn],
        )
        start_on_event(self._full_name, when, target, allowed, self._child)


def ended_task(cluster_arn: str, definition_arn: str) -> dict[str, object]:
    """EventBridge pattern of tasks of a definition, any revision, that ended, well or not."""
    return {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {
            "clusterArn": [cluster_arn],
            "taskDefinitionArn": [{"prefix": f"{definition_arn}:"}],
            "lastStatus": ["STOPPED"],
        },
    }
