"""The queue as pages and programs see it: what is asked for, and how far each submission is."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from debate_contract.errors import BadInput, TemporaryFault
from flask import Flask, abort, current_app
from sqlalchemy.orm import Session

from debate_webapp.database.models import Submission
from debate_webapp.settings import Settings
from debate_webapp.site.auth.current import signed_in_user
from debate_webapp.submitting import queue
from debate_webapp.submitting.away.report import cost_of, progress_of
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.inbox import Inbox
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.progress import Progress, job_folder, read_progress, stamps
from debate_webapp.submitting.uploads import Uploads, open_uploads
from debate_webapp.submitting.uploads.upload import Upload, upload_in
from debate_webapp.submitting.wishes import read_addresses, read_wishes
from debate_webapp.telling.teller import Teller

MISSING = (
    "recordings cannot be submitted here: the command `debate` is not installed beside the site. "
    "In a checkout run `make setup`, elsewhere set DEBATE_COMMAND to where it is; `debate submit` "
    "on another machine with the same store does the same"
)


def init_submissions(app: Flask, settings: Settings) -> None:
    """Give the application its front door, and a keeper that the server starts."""
    front_door = FrontDoor(settings.storage_root, settings.front_door)
    sessions = app.extensions["debate_sessions"]
    app.extensions["debate_front_door"] = front_door
    app.extensions["debate_uploads"] = open_uploads(settings.storage_root)
    app.extensions["debate_keeper"] = Keeper(
        sessions,
        front_door,
        settings.jobs_at_once,
        dict(os.environ),
        Inbox(Path(settings.inbox)) if settings.inbox else None,
        app.extensions["debate_store"],
        Teller(settings.channels, settings.address) if settings.channels else None,
    )


def current_front_door() -> FrontDoor:
    """The front door of this application."""
    front_door: FrontDoor = current_app.extensions["debate_front_door"]
    return front_door


@dataclass(frozen=True, slots=True)
class Watched:
    """A submission as it is shown, with its place among those that wait, from 1."""

    id: int
    title: str
    source: str
    username: str
    state: str
    queued_at: str
    finished_at: str
    message: str
    page: str
    job_id: str
    wishes: dict[str, Any]
    place: int
    progress: Progress | None
    cost: str

    @property
    def may_cancel(self) -> bool:
        """Whether there is anything to cancel."""
        return self.state in (queue.State.WAITING, queue.State.RUNNING, queue.State.AWAY)

    @property
    def may_try_again(self) -> bool:
        """Whether it failed, or was cancelled."""
        return self.state in queue.CAN_BE_TRIED_AGAIN

    @property
    def may_remove(self) -> bool:
        """Whether it is over."""
        return self.state in queue.AT_REST


def watch(session: Session, rows: Sequence[Submission]) -> list[Watched]:
    """Rows with what their jobs say just now."""
    waits = any(row.state == queue.State.WAITING for row in rows)
    places = queue.read_places(session) if waits else {}
    return [_watch(row, places.get(row.id, 0)) for row in rows]


def _watch(row: Submission, place: int) -> Watched:
    at = row.finished_at
    return Watched(
        id=row.id,
        title=row.title,
        source=row.source,
        username=row.username,
        state=row.state,
        queued_at=row.queued_at.isoformat(timespec="seconds"),
        finished_at=at.isoformat(timespec="seconds") if at else "",
        message=row.message,
        page=row.page,
        job_id=row.job_id,
        wishes=row.wishes,
        place=place,
        progress=_progress(row),
        cost=cost_of(row.report),
    )


def _progress(row: Submission) -> Progress | None:
    """Of a job that is at work, or failed: its stage and last lines."""
    front_door = current_front_door()
    if row.state in (queue.State.WAITING, queue.State.DONE):
        return None
    if row.report:
        return progress_of(row.report)
    if row.state in queue.ELSEWHERE or not front_door.is_local:
        return None
    if row.state in queue.UNDER_WAY:
        return _read(front_door.root, row.job_id)
    return _read_ended(front_door.root, row.job_id, row.finished_at)


def _read(root: str, job_id: str) -> Progress | None:
    folder = job_folder(root, job_id)
    return read_progress(folder) if folder else None


@lru_cache(maxsize=4 * queue.MOST_LISTED)
def _read_ended(root: str, job_id: str, _ended_at: datetime | None) -> Progress | None:
    """What is over says nothing new, and is looked at every two seconds."""
    return _read(root, job_id)


@dataclass(frozen=True, slots=True)
class Queue:
    """All that the page lists."""

    live: list[Watched]
    at_rest: list[Watched]
    cost_basis: str  # what the costs, if any, are reckoned from
    is_full: bool  # the disk


def watch_queue(session: Session) -> Queue:
    """What is under way and waits, in the order of turns; what is over, the newest first."""
    live, at_rest = queue.list_live(session), queue.list_at_rest(session)
    bases = (row.report["cost_basis"] for row in (*live, *at_rest) if row.report)
    is_full = current_front_door().is_full
    return Queue(watch(session, live), watch(session, at_rest), next(bases, ""), is_full)


def read_tag(session: Session) -> object:
    """What changes whenever the queue that is shown does, by far cheaper than the queue itself."""
    front_door = current_front_door()
    jobs = queue.list_jobs_under_way(session) if front_door.is_local else []
    folders = (job_folder(front_door.root, job_id) for job_id in jobs)
    logs = [stamps(folder) for folder in folders if folder]
    return queue.read_revision(session), logs, front_door.command is None, front_door.is_full


def current_uploads() -> Uploads:
    """The uploads of this application."""
    uploads: Uploads = current_app.extensions["debate_uploads"]
    return uploads


def own_upload(upload_id: str) -> Upload:
    """An upload of who asks; others' do not exist."""
    found = current_uploads().find(upload_id)
    if found.username != signed_in_user().username:
        abort(404, "There is no such upload; begin it again.")
    return found


def submit_recordings(
    session: Session, addresses: str, uploads: Sequence[str], wishes: Mapping[str, Any]
) -> list[Submission]:
    """Queue uploads and the addresses in some lines, and commit.

    Raises BadInput for what is none, TemporaryFault where nothing here could work on it.
    """
    if current_front_door().command is None:
        raise TemporaryFault(MISSING)
    sources = [_source_of(upload_id) for upload_id in uploads]
    if addresses.strip() or not sources:
        sources += read_addresses(addresses)
    rows = queue.submit(session, sources, read_wishes(wishes))
    session.commit()
    return rows


def _source_of(upload_id: str) -> str:
    upload = own_upload(upload_id)
    if not upload.is_complete:
        raise BadInput(f"{upload.name} has not arrived yet; choose the file again to go on")
    return current_uploads().source_of(upload)


def forget(session: Session, row: Submission) -> None:
    """Take what is over off the list, with its upload, and commit; raises BadInput otherwise."""
    source, run = row.source, current_front_door().run_of(row)
    queue.remove(session, row)
    session.commit()
    run.forget()
    upload_id = upload_in(source)
    if upload_id and not queue.is_wanted(session, source):
        current_uploads().forget(upload_id)
