"""The dashboard, and the log of events that it asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from debate_infra.components.operations.watched import WatchedSite
from debate_infra.documents import dashboard, events, resource_policies
from debate_infra.documents.rendering import as_json


@dataclass(frozen=True)
class DashboardArgs:
    """What the dashboard shows."""

    name: str
    region: str
    queue_arns: Sequence[pulumi.Input[str]]
    job_log: pulumi.Input[str]
    log_retention_days: int
    site: WatchedSite | None


class Dashboard(pulumi.ComponentResource):
    """Jobs by state and stage, waiting, GPU hours, failures; the site, where there is one."""

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Dashboard", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        log = self._event_log()
        site = args.site.names() if args.site else None
        cloudwatch.Dashboard(
            name,
            dashboard_name=args.name,
            dashboard_body=as_json(
                dashboard.body,
                region=args.region,
                event_log=log.name,
                job_log=args.job_log,
                site=site,
            ),
            opts=self._child,
        )
        self.register_outputs({})

    def _event_log(self) -> cloudwatch.LogGroup:
        """Keep the events of jobs that ended: Batch has no metrics."""
        args, name = self._args, f"{self._args.name}-ended-jobs"
        log = cloudwatch.LogGroup(
            name,
            name=f"/aws/events/{args.name}-jobs",
            retention_in_days=args.log_retention_days,
            opts=self._child,
        )
        rule = cloudwatch.EventRule(
            name,
            event_pattern=as_json(events.ended_jobs, queue_arns=list(args.queue_arns)),
            opts=self._child,
        )
        policy = as_json(
            resource_policies.logged_by_events, log_group_arn=log.arn, rule_arn=rule.arn
        )
        admitted = cloudwatch.LogResourcePolicy(
            name, policy_name=name, policy_document=policy, opts=self._child
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[admitted])
        cloudwatch.EventTarget(name, rule=rule.name, arn=log.arn, opts=after)
        return log
