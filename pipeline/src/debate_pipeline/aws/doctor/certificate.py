"""Whether browsers will believe the site."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well

SOON = timedelta(days=30)


def look_at_certificate(stack: Stack) -> Iterator[Finding]:
    """Find out whether the site's certificate is valid, for its name and for a while."""
    if not stack.certificate_arn:
        return
    acm = client("acm", stack.region)
    certificate = acm.describe_certificate(CertificateArn=stack.certificate_arn)["Certificate"]
    host = urlsplit(stack.webapp_url or "").hostname or ""
    yield judge(certificate, host, datetime.now(UTC))


def judge(certificate: dict[str, Any], host: str, now: datetime) -> Finding:
    """Return how a certificate of ACM stands for a host."""
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
    if certificate["Status"] != "ISSUED":
        return ill(
            "certificate",
            f"its state is {certificate['Status']}: make the DNS records that ACM's console shows",
        )
    if not names & {host, f"*.{host.partition('.')[2]}"}:
        return ill(
            "certificate", f"it is for {', '.join(sorted(names))}, not for {host}: request another"
        )
    ends = certificate.get("NotAfter")
    if ends and ends - now < SOON:
        return ill(
            "certificate",
            f"it ends on {ends:%Y-%m-%d}: import a new one, or see why ACM does not renew it",
        )
    return well("certificate", f"{host}" + (f" until {ends:%Y-%m-%d}" if ends else ""))
