"""All debates as tables, after what editors corrected."""

import pulumi

from debate_infra.assembly.ground import Ground
from debate_infra.assembly.site import Site
from debate_infra.assembly.work import Work
from debate_infra.components.dataset.corrections import Corrections, CorrectionsArgs
from debate_infra.components.dataset.dataset import Dataset, DatasetArgs
from debate_infra.settings.stack import DatasetSettings, Settings


def lay_out(settings: Settings, ground: Ground, work: Work, site: Site | None) -> Dataset | None:
    """Make the dataset, if it is wanted; with a site its corrections come first."""
    if not settings.dataset:
        return None
    after = _corrections(settings, settings.dataset, ground, site) if site else None
    job = work.jobs.definitions["dataset"]
    args = DatasetArgs(
        settings.name, settings.dataset, ground.storage, work.queues["small"], job, after
    )
    return Dataset("dataset", args, ground.on_aws)


def _corrections(
    settings: Settings, asked: DatasetSettings, ground: Ground, site: Site
) -> pulumi.Output[str]:
    args = CorrectionsArgs(settings.name, asked.schedule, site.web.tasks, ground.storage)
    return Corrections("corrections", args, ground.on_aws).ended
