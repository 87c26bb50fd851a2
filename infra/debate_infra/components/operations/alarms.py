"""Who is told when something is not as it should be: an address, a webhook, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import budgets, cloudwatch, sns

from debate_infra.components.operations.watched import WatchedSite
from debate_infra.documents import events, resource_policies
from debate_infra.documents.rendering import as_json

# One line of plain text; EventBridge fills the names in angle brackets from the paths.
_FAILED = '"Debate Analyzer: job <job> (<id>) failed: <reason>. Its log: make logs JOB=<id>"'
_FAILED_PATHS = {
    "job": "$.detail.jobName",
    "id": "$.detail.jobId",
    "reason": "$.detail.statusReason",
}
_BLOCKED = '"Debate Analyzer: the queue <queue> is blocked: <reason>. See: make doctor"'
_BLOCKED_PATHS = {"queue": "$.detail.jobQueue", "reason": "$.detail.statusReason"}
# Shares of the budget at which a message is sent: of what was spent, and of what is forecast.
_SPENT, _FORECAST = 80, 100
_LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class AlarmsArgs:
    """What is watched, and who is told."""

    name: str
    email: str
    queue_arns: Sequence[pulumi.Input[str]]
    last_arns: Sequence[pulumi.Input[str]]  # definitions of the last jobs of a list, no revision
    budget: int | None = None  # US dollars a month
    site: WatchedSite | None = None


class Alarms(pulumi.ComponentResource):
    """One topic for all: failed jobs, blocked queues, the site, the database, the budget."""

    topic_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Alarms", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        # Not encrypted with a key of ours: EventBridge may not use AWS's own SNS key, and the
        # message holds a job's name and its error, no content.
        topic = sns.Topic(f"{args.name}-alarms", opts=self._child)
        self.topic_arn = topic.arn
        self._tell(name, [self._failed_jobs(), self._blocked_queues()])
        if args.site:
            self._watch(args.site)
        if args.budget:
            self._bound(args.budget)
        self.register_outputs({"topicArn": self.topic_arn})

    def _tell(self, name: str, rules: list[cloudwatch.EventRule]) -> None:
        """Let what the rules publish reach the address."""
        policy = as_json(
            resource_policies.published_by,
            topic_arn=self.topic_arn,
            rule_arns=[rule.arn for rule in rules],
        )
        sns.TopicPolicy(name, arn=self.topic_arn, policy=policy, opts=self._child)
        sns.TopicSubscription(
            name,
            topic=self.topic_arn,
            protocol="email",
            endpoint=self._args.email,
            opts=self._child,
        )

    def _failed_jobs(self) -> cloudwatch.EventRule:
        queues, last = list(self._args.queue_arns), list(self._args.last_arns)
        pattern = as_json(events.failed_once, queue_arns=queues, last_arns=last)
        return self._mail("failed-jobs", pattern, _FAILED, _FAILED_PATHS)

    def _blocked_queues(self) -> cloudwatch.EventRule:
        pattern = as_json(events.blocked_queues, queue_arns=list(self._args.queue_arns))
        return self._mail("blocked-queues", pattern, _BLOCKED, _BLOCKED_PATHS)

    def _mail(
        self, kind: str, pattern: pulumi.Output[str], text: str, paths: dict[str, str]
    ) -> cloudwatch.EventRule:
        name = f"{self._args.name}-{kind}"
        rule = cloudwatch.EventRule(name, event_pattern=pattern, opts=self._child)
        transformer = cloudwatch.EventTargetInputTransformerArgs(
            input_paths=paths, input_template=text
        )
        cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=self.topic_arn,
            input_transformer=transformer,
            opts=self._child,
        )
        return rule

    def _watch(self, site: WatchedSite) -> None:
        balancer = {"LoadBalancer": site.balancer}
        healthy = balancer | {"TargetGroup": site.targets}
        database = {"DBInstanceIdentifier": site.database}
        letters = {"QueueName": site.dead_letters}
        elb, count = "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"
        self._alarm("errors", elb, count, balancer, "Sum", 10)
        self._alarm("slow", elb, "TargetResponseTime", balancer, "p95", 3)
        self._alarm("down", elb, "HealthyHostCount", healthy, "Minimum", 1, below=True)
        self._alarm("database-busy", "AWS/RDS", "CPUUtilization", database, "Average", 90)
        self._alarm(
            "database-full", "AWS/RDS", "FreeStorageSpace", database, "Minimum",
            _LEAST_FREE_BYTES, below=True,
        )  # fmt: skip
        self._alarm(
            "untaken-events", "AWS/SQS", "ApproximateNumberOfMessagesVisible", letters,
            "Maximum", 0,
        )  # fmt: skip

    def _alarm(
        self,
        kind: str,
        namespace: str,
        metric: str,
        dimensions: dict[str, pulumi.Output[str]],
        statistic: str,
        threshold: float,
        *,
        below: bool = False,
    ) -> None:
        """Tell of a metric that is beyond its bound for a quarter of an hour."""
        by: dict[str, Any] = (
            {"extended_statistic": statistic}
            if statistic.startswith("p")
            else {"statistic": statistic}
        )
        cloudwatch.MetricAlarm(
            f"{self._args.name}-{kind}",
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            comparison_operator="LessThanThreshold" if below else "GreaterThanThreshold",
            threshold=threshold,
            period=300,
            evaluation_periods=3,
            treat_missing_data="breaching" if kind == "down" else "notBreaching",
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            opts=self._child,
            **by,
        )

    def _bound(self, dollars: int) -> None:
        """Write when the month's bill of what carries the stack's tag nears its bound."""
        notification = budgets.BudgetNotificationArgs
        budgets.Budget(
            f"{self._args.name}-month",
            budget_type="COST",
            limit_amount=str(dollars),
            limit_unit="USD",
            time_unit="MONTHLY",
            cost_filters=[
                budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[f"user:Project${self._args.name}"]
                )
            ],
            notifications=[
                notification(
                    comparison_operator="GREATER_THAN",
                    threshold=share,
                    threshold_type="PERCENTAGE",
                    notification_type=kind,
                    subscriber_email_addresses=[self._args.email],
                )
                for kind, share in (("ACTUAL", _SPENT), ("FORECASTED", _FORECAST))
            ],
            opts=self._child,
        )
