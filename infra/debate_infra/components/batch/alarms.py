"""An e-mail for every job that fails for good."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, sns

from debate_infra import events, policies
from debate_infra.rendering import as_json

# One line of plain text; EventBridge fills the names in angle brackets from `_PATHS`.
_MESSAGE = '"Debate Analyzer: job <job> (<id>) failed: <reason>. Its log: make logs JOB=<id>"'
_PATHS = {"job": "$.detail.jobName", "id": "$.detail.jobId", "reason": "$.detail.statusReason"}


@dataclass(frozen=True)
class AlarmsArgs:
    """What the notification depends on."""

    name: str
    email: str
    queue_arns: Sequence[pulumi.Input[str]]


class Alarms(pulumi.ComponentResource):
    """Batch's "failed" events of our queues, sent to one address."""

    topic_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Alarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Not encrypted with a key of ours: EventBridge may not use AWS's own SNS key, and the
        # message holds a job's name and its error, no content.
        topic = sns.Topic(f"{args.name}-failed-jobs", opts=child)
        rule = cloudwatch.EventRule(
            f"{args.name}-failed-jobs",
            description="Debate Analyzer jobs that failed for good",
            event_pattern=as_json(events.failed_jobs, queue_arns=list(args.queue_arns)),
            opts=child,
        )
        policy = as_json(policies.published_by_rule, topic_arn=topic.arn, rule_arn=rule.arn)
        sns.TopicPolicy(name, arn=topic.arn, policy=policy, opts=child)
        sns.TopicSubscription(
            name, topic=topic.arn, protocol="email", endpoint=args.email, opts=child
        )
        cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=topic.arn,
            input_transformer=cloudwatch.EventTargetInputTransformerArgs(
                input_paths=_PATHS, input_template=_MESSAGE
            ),
            opts=child,
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": self.topic_arn})
