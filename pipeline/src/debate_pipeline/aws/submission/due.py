"""Which stages of a request are to be handed in."""

from debate_pipeline.aws.progress.words import STOPPING
from debate_pipeline.aws.records.asked import WHOLE
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.stages import Request, options_of

ALL_DONE = "all of it is done already; --force makes a new run"


def due_stages(job: Job | None, request: Request) -> tuple[str, ...]:
    """Return the stages to hand in: from the first that is not under way or done as asked, on.

    A stage on a place that the user named is asked again unless it is under way; the same stage
    under way with other options is left alone.
    """
    stages = tuple(stage for stage in request.stages if stage in WHOLE)
    if job is None or request.force:
        return stages
    options = renew(job.options, request.options)
    for index, stage in enumerate(stages):
        record = job.stages.get(stage)
        if record is None or record.state in (State.FAILED, State.INTERRUPTED):
            return stages[index:]
        if record.state is not State.DONE:
            continue
        if request.place or record.options != options_of(stage, options):
            return stages[index:]
    return ()


def describe_standing(job: Job, request: Request) -> str:
    """Return why nothing is due."""
    if job.state is State.DONE:
        return ALL_DONE
    if any(record.message.startswith(STOPPING) for record in job.stages.values()):
        return "it is being stopped; submit it again when it has ended"
    options = renew(job.options, request.options)
    other = any(
        record.options != options_of(stage, options) for stage, record in job.stages.items()
    )
    hint = " with other options; submit again when it is done" if other else ""
    return f"it is under way already{hint}"
