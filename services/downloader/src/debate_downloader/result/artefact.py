"""`media.json`: written last, and the proof that a job's download is complete."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from debate_contract.errors import InputNotFound
from debate_contract.storage import Location, publish, read, remove, sha256_of, size_of

from debate_downloader import __version__
from debate_downloader.media.defects import Defect
from debate_downloader.media.mp4 import Made
from debate_downloader.sources.recording import Origin
from debate_downloader.sources.subtitles import Subtitle

SCHEMA_VERSION = "1.0"
NAME = "media.json"

Document = dict[str, Any]


def read_media(job: Location) -> Document | None:
    """Read the job's `media.json`; None when it is missing or is no JSON object."""
    try:
        document = json.loads(read(job / NAME))
    except (InputNotFound, ValueError):
        return None
    return document if isinstance(document, dict) else None


def is_complete(job: Location, document: Document) -> bool:
    """Whether every file that `media.json` names is there with the size it states."""
    files = _files(document)
    return bool(document.get("video")) and all(size_of(job / path) == size for path, size in files)


def outputs(job: Location, document: Document) -> list[Location]:
    """The files of a job, `media.json` last."""
    return [*(job / path for path, _ in _files(document)), job / NAME]


def compose(job_id: str, origin: Origin, options: dict[str, Any]) -> Document:
    """Begin a `media.json`; `video` and `subtitles` are filled in when the files are finished."""
    return {
        "schema_version": SCHEMA_VERSION,
        "producer": {"name": "debate-downloader", "version": __version__},
        "created_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "job_id": job_id,
        "source": asdict(origin),
        "options": options,
    }


def describe_video(made: Made, stem: str) -> dict[str, Any]:
    """The `video` part for a finished MP4."""
    file, video = made.file, made.file.video
    return {
        "path": f"videos/{stem}.mp4",
        "bytes": file.path.stat().st_size,
        "sha256": sha256_of(file.path),
        "duration": round(file.duration or 0, 3),
        "width": video.width if video else None,
        "height": video.height if video else None,
        "video_codec": video.codec if video else None,
        "audio_codec": file.audio.codec if file.audio else None,
        "apart": made.apart,
    }


def describe_defects(defects: list[Defect]) -> list[dict[str, Any]]:
    """The `defects` part: stretches without sound, in seconds of the MP4."""
    return [{"start": round(d.start, 3), "end": round(d.end, 3), "kind": d.kind} for d in defects]


def describe_subtitle(subtitle: Subtitle, stem: str) -> dict[str, Any]:
    """An entry of `subtitles` for a finished file."""
    return {
        "path": f"subtitles/{stem}.{subtitle.language}.{subtitle.format}",
        "language": subtitle.language,
        "kind": subtitle.kind,
        "bytes": subtitle.path.stat().st_size,
    }


def publish_all(job: Location, document: Document, files: list[Path], work: Path) -> None:
    """Put the files into the job, `media.json` last; `files` in the order of the document.

    The old `media.json` goes first: at no time does one name files that are not there. Files of
    an earlier download that the new one does not replace go too.
    """
    before = read_media(job) or {}
    remove(job / NAME)
    wanted = [path for path, _ in _files(document)]
    for stale in {path for path, _ in _files(before)} - set(wanted):
        remove(job / stale)
    for path, file in zip(wanted, files, strict=True):
        publish(file, job / path)
    draft = work / NAME
    draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    publish(draft, job / NAME)


def _files(document: Document) -> list[tuple[str, int | None]]:
    """Paths and sizes that a document names; a foreign document may lack any of them."""
    entries = [document.get("video"), *(document.get("subtitles") or [])]
    found = [entry for entry in entries if isinstance(entry, dict)]
    return [
        (str(entry["path"]), entry.get("bytes")) for entry in found if _inside(entry.get("path"))
    ]


def _inside(path: object) -> bool:
    """Only what lies in the job's own folders is ever looked at or removed."""
    return isinstance(path, str) and path.startswith(("videos/", "subtitles/")) and ".." not in path
