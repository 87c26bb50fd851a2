"""One download from beginning to end: look, fetch, make the MP4, publish."""

from pathlib import Path
from typing import Any

from debate_contract import storage
from debate_contract.logs import Log
from debate_contract.retry import with_retries

from debate_downloader.cookies.formats import format_netscape
from debate_downloader.cookies.source import load_cookies
from debate_downloader.interrupts import Stopper
from debate_downloader.media.mp4 import Made, make_mp4
from debate_downloader.media.plan import Limits
from debate_downloader.result import artefact
from debate_downloader.result.artefact import Document
from debate_downloader.result.naming import make_stem
from debate_downloader.settings import Settings, without_credentials
from debate_downloader.sources.own_file import own_url, read_own_file, unchanged
from debate_downloader.sources.recording import Recording
from debate_downloader.sources.subtitles import Subtitle, one_per_language, read_subtitle
from debate_downloader.sources.web.online import fetch_online
from debate_downloader.sources.web.watch import Watch
from debate_downloader.storage import fresh_folder, workplace


def run(settings: Settings, log: Log, stopper: Stopper) -> None:
    """Download a recording into its job, unless that is done already."""
    job = storage.locate(settings.job_prefix)
    log.started(f"downloading {without_credentials(settings.source)}", job_id=settings.job_id)
    done = None if settings.force else _done_before(job, settings)
    if done:
        log.finished(
            f"nothing to do: {_summary(job, done)}", outputs=_uris(job, done), skipped=True
        )
        return
    with workplace(job) as work:
        cookies = _cookies(settings, log)
        watch = Watch(log, stopper, settings.max_bytes)
        recording, made = with_retries(
            lambda: _attempt(settings, cookies, work, watch),
            settings.attempts,
            settings.retry_seconds,
            log,
        )
        document, files = _document(settings, recording, made, log)
        artefact.publish_all(job, document, files, work)
    log.finished(_summary(job, document), outputs=_uris(job, document), skipped=False)


def _done_before(job: storage.Location, settings: Settings) -> Document | None:
    """The job's `media.json` if it is whole and answers the same request."""
    document = artefact.read_media(job)
    if document is None or document.get("options") != _options(settings):
        return None
    source = document.get("source") or {}
    wanted = without_credentials(settings.source) if settings.is_web else own_url(settings.source)
    if source.get("url") != wanted or not artefact.is_complete(job, document):
        return None
    return document if settings.is_web or unchanged(settings.source, source.get("id")) else None


def _cookies(settings: Settings, log: Log) -> str | None:
    cookies = load_cookies(settings.cookies) if settings.is_web else []
    log.hide(cookie.value for cookie in cookies)
    if cookies:
        log.note(f"using {len(cookies)} cookies")
    return format_netscape(cookies) if cookies else None


def _attempt(
    settings: Settings, cookies: str | None, work: Path, watch: Watch
) -> tuple[Recording, Made]:
    """Fetch everything anew, into a folder that nothing has touched."""
    folder = fresh_folder(work)
    watch.reset()
    if settings.is_web:
        recording = fetch_online(settings, cookies, folder, watch)
    else:
        recording = read_own_file(settings.source, folder)
    limits = Limits(settings.max_height, settings.max_seconds, settings.audio_track)
    return recording, make_mp4(recording, folder / "result.mp4", limits, watch.log)


def _document(
    settings: Settings, recording: Recording, made: Made, log: Log
) -> tuple[Document, list[Path]]:
    """`media.json` and the files it names, in its order."""
    stem = make_stem(recording.origin.title, recording.origin.id)
    document = artefact.compose(settings.job_id, recording.origin, _options(settings))
    document["video"] = artefact.describe_video(made, stem)
    document["defects"] = artefact.describe_defects(made.defects)
    subtitles = one_per_language(_good_ones(recording.subtitles, made.file.path.parent, log))
    document["subtitles"] = [artefact.describe_subtitle(one, stem) for one in subtitles]
    return document, [made.file.path, *(one.path for one in subtitles)]


def _good_ones(subtitles: list[Subtitle], folder: Path, log: Log) -> list[Subtitle]:
    """Subtitles that are subtitles, rewritten in UTF-8; the user's own files are not touched."""
    good = []
    for number, subtitle in enumerate(subtitles):
        text = read_subtitle(subtitle.path, subtitle.language)
        if text is None:
            log.note(
                f"dropped subtitles in {subtitle.language}: no VTT or SRT file that can be read",
                level="warning",
            )
            continue
        clean = folder / f"clean-{number}.{subtitle.format}"
        clean.write_text(text, encoding="utf-8")
        good.append(Subtitle(clean, subtitle.language, subtitle.kind))
    return good


def _options(settings: Settings) -> dict[str, Any]:
    """What of the request shapes the result; another value makes another recording."""
    track = {"audio_track": settings.audio_track} if settings.audio_track else {}
    return {"max_height": settings.max_height} | track


def _uris(job: storage.Location, document: Document) -> list[str]:
    return [storage.uri_of(place) for place in artefact.outputs(job, document)]


def _summary(job: storage.Location, document: Document) -> str:
    video, subtitles = document["video"], len(document["subtitles"])
    size = f"{video['duration']:.0f} s, {video['bytes'] / 1e6:.1f} MB"
    return f"the recording ({size}) and {subtitles} subtitle files are in {storage.uri_of(job)}"
