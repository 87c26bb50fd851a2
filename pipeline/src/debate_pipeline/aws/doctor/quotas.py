"""How many machines AWS lets the account have: in a new one often none."""

from collections.abc import Iterator
from dataclasses import dataclass

from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well


@dataclass(frozen=True)
class Quota:
    """One of Service Quotas' entries, and the least with which a job can start."""

    name: str
    service: str
    code: str
    least: int


# The codes are those of the pages "Amazon EC2 endpoints and quotas" and "AWS Fargate service
# quotas". The smallest machine with a GPU has 4 vCPUs, a download takes 1.
QUOTAS = (
    Quota("vCPUs of GPU machines on Spot", "ec2", "L-3819A6DF", 4),
    Quota("vCPUs of GPU machines on demand", "ec2", "L-DB2E81BA", 4),
    Quota("vCPUs of Fargate", "fargate", "L-3032A538", 1),
)


def look_at_quotas(stack: Stack) -> Iterator[Finding]:
    """Find the quotas that keep jobs waiting for ever: Batch gives no reason of its own for it."""
    service_quotas = client("service-quotas", stack.region)
    for quota in QUOTAS:
        answer = service_quotas.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
        yield judge(quota, answer["Quota"]["Value"], stack.region)


def judge(quota: Quota, value: float, region: str) -> Finding:
    """Return whether so many are enough for one job."""
    said = f"{quota.name} in {region}: {value:g}"
    if value >= quota.least:
        return well("quota", said)
    return ill(
        "quota",
        f"{said}, and {quota.least} are needed for one job: aws service-quotas "
        f"request-service-quota-increase --region {region} --service-code {quota.service} "
        f"--quota-code {quota.code} --desired-value 64 (AWS takes hours to days)",
    )
