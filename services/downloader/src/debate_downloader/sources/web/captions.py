"""Which of a site's subtitles are taken: what people wrote, else what a machine heard."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debate_contract.errors import StageError
from debate_contract.logs import Log

from debate_downloader.result.naming import language_tag
from debate_downloader.sources.subtitles import FORMATS, Kind, Subtitle
from debate_downloader.sources.web.faults import plain

NOT_SUBTITLES = {"live_chat", "rechat", "danmaku", "comments"}
MOST = 12  # languages; nobody reads more, and some sites offer a hundred


@dataclass(frozen=True)
class Track:
    """A subtitle a site offers, in the format that is taken (yt-dlp's own dict)."""

    language: str
    kind: Kind
    offer: dict[str, Any]


def choose_tracks(info: dict[str, Any]) -> list[Track]:
    """Pick manual subtitles in all languages; automatic ones only in the language spoken.

    Automatic translations are no record of what was said and are left out.
    """
    manual = _tracks(info.get("subtitles") or {}, "manual")
    heard = _spoken(info.get("automatic_captions") or {}, info.get("language"))
    known = {track.language for track in manual}
    automatic = [t for t in _tracks(heard, "automatic") if t.language not in known]
    return [*manual[:MOST], *automatic[:1]]


def fetch_subtitles(ydl: Any, info: dict[str, Any], folder: Path, log: Log) -> list[Subtitle]:
    """Download the chosen tracks; one that fails is noted and left out."""
    tracks = choose_tracks(info)
    for language in sorted(_unreadable(info)):
        log.note(f"subtitles in {language} are neither VTT nor SRT and were left out")
    fetched = []
    for number, track in enumerate(tracks):
        path = folder / f"subtitle-{number}.{track.offer['ext']}"
        if _saved(ydl, track, info, path, log):
            fetched.append(Subtitle(path, track.language, track.kind))
    return fetched


def _saved(ydl: Any, track: Track, info: dict[str, Any], path: Path, log: Log) -> bool:
    try:
        if track.offer.get("data") is not None:
            path.write_text(str(track.offer["data"]), encoding="utf-8")
        else:
            offer = {"http_headers": info.get("http_headers"), **track.offer}
            ydl.dl(str(path), offer, subtitle=True)
    except StageError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, the recording matters more
        log.note(f"subtitles in {track.language} failed: {plain(str(error))}", level="warning")
    return path.is_file()


def _tracks(offers: dict[str, list[dict[str, Any]]], kind: Kind) -> list[Track]:
    chosen = {name: _best(formats) for name, formats in offers.items() if name not in NOT_SUBTITLES}
    return [Track(language_tag(name), kind, offer) for name, offer in chosen.items() if offer]


def _best(formats: list[dict[str, Any]]) -> dict[str, Any] | None:
    by_format = {str(offer.get("ext")): offer for offer in formats}
    return next((by_format[name] for name in FORMATS if name in by_format), None)


def _spoken(offers: dict[str, Any], language: str | None) -> dict[str, Any]:
    """The automatic captions in the language of the recording, by the site's own marks."""
    original = [name for name in offers if name.endswith("-orig")]
    if not original and language:
        original = [name for name in offers if name == language]
    if not original and len(offers) == 1:
        original = list(offers)
    return {name: offers[name] for name in original[:1]}


def _unreadable(info: dict[str, Any]) -> set[str]:
    offers = (info.get("subtitles") or {}).items()
    return {name for name, formats in offers if name not in NOT_SUBTITLES and not _best(formats)}
