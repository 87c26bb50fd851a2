"""The dashboard's body, as plain data: what ran, what failed, how long it waited; the site.

The shapes are those of "Dashboard body structure and syntax" in the CloudWatch API reference. Batch
has no metrics of its own, so its events are kept in a log group and asked for by Logs Insights.
"""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
# US dollars of a g5.xlarge on demand in us-east-1 (README, "Costs"): an upper bound on Spot.
GPU_HOUR = 1.006
_WIDTH, _HEIGHT = 12, 6  # of 24 columns: two widgets a row
_GPU = "detail.jobDefinition like /-(transcribe|pipeline):/"


@dataclass(frozen=True)
class Site:
    """The names by which CloudWatch knows the parts of a web application."""

    balancer: str
    targets: str
    database: str
    dead_letters: str


def body(region: str, event_log: str, job_log: str, site: Site | None) -> Json:
    """The whole dashboard; without a web application its part is left out."""
    widgets = [*_jobs(region, event_log, job_log), *(_site(region, site) if site else [])]
    for number, widget in enumerate(widgets):
        row, column = divmod(number, 2)
        widget |= {"x": column * _WIDTH, "y": row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
    return {"widgets": widgets}


def _jobs(region: str, event_log: str, job_log: str) -> list[Json]:
    hours = "(detail.stoppedAt - detail.startedAt) / 3600000"
    stage = "parse detail.jobDefinition /-(?<stage>[a-z]+):\\d+$/"
    return [
        _asked(
            region, event_log, "Jobs that ended, by state",
            "stats count(*) as jobs by detail.status, bin(1h)", "timeSeries",
        ),
        _asked(
            region, event_log, "By stage and state",
            f"{stage} | stats count(*) as jobs by stage, detail.status | sort stage", "table",
        ),
        _asked(
            region, event_log, "Minutes that jobs waited for a machine",
            "stats avg((detail.startedAt - detail.createdAt) / 60000) as mean, "
            "max((detail.startedAt - detail.createdAt) / 60000) as longest by bin(1h)",
            "timeSeries",
        ),
        _asked(
            region, event_log, "GPU hours and about US dollars a day",
            f"filter {_GPU} | stats sum({hours}) as gpu_hours, "
            f"sum({hours}) * {GPU_HOUR} as dollars by bin(1d)", "timeSeries",
        ),
        _asked(
            region, job_log, "Why stages failed",
            'filter event = "failed" | fields @timestamp, stage, message '
            "| sort @timestamp desc | limit 50", "table",
        ),
        _metrics(
            region, "vCPUs of GPU machines", "Maximum",
            [
                ["AWS/Usage", "ResourceCount", "Type", "Resource", "Resource", "vCPU",
                 "Service", "EC2", "Class", kind]
                for kind in ("G/Spot", "G/OnDemand")
            ],
        ),
    ]  # fmt: skip


def _site(region: str, site: Site) -> list[Json]:
    balancer = ["LoadBalancer", site.balancer]
    return [
        _metrics(
            region, "Site: seconds until an answer", "p95",
            [["AWS/ApplicationELB", "TargetResponseTime", *balancer]],
        ),
        _metrics(
            region, "Site: requests and errors", "Sum",
            [
                ["AWS/ApplicationELB", name, *balancer]
                for name in ("RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")
            ],
        ),
        _metrics(
            region, "Database", "Average",
            [
                ["AWS/RDS", name, "DBInstanceIdentifier", site.database]
                for name in ("CPUUtilization", "DatabaseConnections", "FreeStorageSpace")
            ],
        ),
        _metrics(
            region, "Events that the site did not take", "Maximum",
            [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", site.dead_letters]],
        ),
    ]  # fmt: skip


def _asked(region: str, log: str, title: str, query: str, view: str) -> Json:
    properties = {"query": f"SOURCE '{log}' | {query}", "region": region, "title": title}
    return {"type": "log", "properties": properties | {"view": view}}


def _metrics(region: str, title: str, statistic: str, metrics: list[list[str]]) -> Json:
    properties = {"metrics": metrics, "region": region, "title": title, "stat": statistic}
    return {"type": "metric", "properties": properties | {"view": "timeSeries", "period": 300}}
