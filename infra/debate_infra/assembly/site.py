"""The web application, and the events by which finished debates register themselves."""

from dataclasses import dataclass

import pulumi

from debate_infra.assembly.ground import Ground
from debate_infra.assembly.work import Work
from debate_infra.components.operations.watched import WatchedSite
from debate_infra.components.web.arrivals import Arrivals, ArrivalsArgs
from debate_infra.components.web.web_service import Submitting, WebService, WebServiceArgs
from debate_infra.settings.stack import Settings, WebappSettings

# What a submission may be made of: the tables of all debates are made by themselves.
_SUBMITTED = ("download", "transcribe", "stats", "pipeline")
# The last jobs of a debate: in a chain, and as one.
_LAST = ("stats", "pipeline")


@dataclass(frozen=True)
class Site:
    """The site as it was asked for, and as it was made."""

    asked: WebappSettings
    web: WebService
    watched: WatchedSite


def open_site(settings: Settings, ground: Ground, work: Work) -> Site | None:
    """Make the web application, if one is wanted."""
    if not settings.webapp:
        return None
    args = WebServiceArgs(
        name=settings.name,
        region=settings.region,
        settings=settings.webapp,
        network=ground.network,
        registry=ground.registry,
        storage=ground.storage,
        log_retention_days=settings.log_retention_days,
        job_log=work.jobs.log,
        submitting=_submitting(settings, ground, work),
    )
    web = WebService("web", args, ground.on_aws)
    letters = _arrivals(settings, ground, work, web).dead_letters.name
    watched = WatchedSite(web.balancer_name, web.targets_name, web.database_name, letters)
    return Site(settings.webapp, web, watched)


def _submitting(settings: Settings, ground: Ground, work: Work) -> Submitting:
    places = {"bucket": ground.storage.bucket, "region": settings.region}
    return Submitting(
        outputs=pulumi.Output.json_dumps(places | work.outputs),
        queue_arns=work.queue_arns,
        definition_arns=[work.jobs.definitions[kind].arn_prefix for kind in _SUBMITTED],
        job_arns=f"arn:{ground.account.partition}:batch:{settings.region}:*:job/*",
    )


def _arrivals(settings: Settings, ground: Ground, work: Work, web: WebService) -> Arrivals:
    endings = [work.jobs.definitions[kind].arn_prefix for kind in _LAST]
    args = ArrivalsArgs(settings.name, web.url, web.event_key, work.queue_arns, endings)
    return Arrivals("arrivals", args, ground.on_aws)
