"""Public recordings with references, fetched by name into a folder as truth.py reads it.

    make truth-set SET=voxconverse DATA=<folder>

Sizes are those of the download. lhotse fetches and reads them; it lives in the benchmarks' own
environment. Nothing is fetched that was not asked for, and what is there is not fetched again.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Manifests = tuple[Any, Any]  # lhotse's recordings and supervisions


@dataclass(frozen=True, slots=True)
class PublicSet:
    """How a set is fetched into a folder, and the part of it that one measures on."""

    about: str
    fetch: Callable[[Path], Manifests]


def _voxconverse(folder: Path) -> Manifests:
    from lhotse.recipes import download_voxconverse, prepare_voxconverse

    download_voxconverse(folder)
    part = prepare_voxconverse(folder)["test"]
    return part["recordings"], part["supervisions"]


def _ami(folder: Path) -> Manifests:
    from lhotse.recipes import download_ami, prepare_ami

    download_ami(folder, mic="ihm-mix")
    part = prepare_ami(folder, mic="ihm-mix", partition="full-corpus", normalize_text="none")[
        "test"
    ]
    return part["recordings"], part["supervisions"]


def _earnings21(folder: Path) -> Manifests:
    from lhotse.recipes import download_earnings21, prepare_earnings21

    return prepare_earnings21(download_earnings21(folder))


def _fleurs(folder: Path) -> Manifests:
    from lhotse.recipes import download_fleurs, prepare_fleurs

    languages = ("cs_cz", "de_de", "es_419", "fr_fr", "it_it", "pl_pl", "pt_br")
    download_fleurs(folder, languages)
    parts = [found["test"] for found in prepare_fleurs(folder, languages=languages).values()]
    recordings = [recording for part in parts for recording in part["recordings"]]
    return recordings, [said for part in parts for said in part["supervisions"]]


SETS = {
    "voxconverse": PublicSet("political debates and news, who speaks when; 5 GB", _voxconverse),
    "ami": PublicSet("meetings by headset, words and voices; 10 GB", _ami),
    "earnings21": PublicSet("44 earnings calls, words; 2 GB", _earnings21),
    "fleurs": PublicSet("read sentences in seven languages, words; 8 GB", _fleurs),
}


def main() -> None:
    """Fetch the set and lay it out."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name}: {one.about}" for name, one in SETS.items()),
    )
    parser.add_argument("name", choices=SETS)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    recordings, said = SETS[given.name].fetch(given.folder / "downloads" / given.name)
    count = lay_out(recordings, said, given.folder / given.name)
    print(f"{count} recordings are in {given.folder / given.name}; now: make truth DATA=…")


def lay_out(recordings: Iterable[Any], said: Iterable[Any], folder: Path) -> int:
    """Link each recording, with its RTTM where voices are told and its STM where words are."""
    folder.mkdir(parents=True, exist_ok=True)
    by_recording: dict[str, list[Any]] = {}
    for segment in said:
        by_recording.setdefault(segment.recording_id, []).append(segment)
    count = 0
    for recording in recordings:
        segments = sorted(by_recording.get(recording.id, []), key=lambda one: one.start)
        if segments:
            _lay_out_one(recording, segments, folder)
            count += 1
    return count


def _lay_out_one(recording: Any, segments: list[Any], folder: Path) -> None:
    source = Path(recording.sources[0].source).resolve()
    # references.py reads the language off the end of the name.
    locale = (segments[0].language or "")[:2].lower()
    name = f"{recording.id}_{'en' if locale == 'en' or not locale.isalpha() else locale}"
    link = folder / f"{name}{source.suffix}"
    link.unlink(missing_ok=True)
    link.symlink_to(source)
    voices = [one for one in segments if one.speaker]
    if len({one.speaker for one in voices}) > 1 or not segments[0].text:
        lines = [
            f"SPEAKER {name} 1 {one.start:.3f} {one.duration:.3f} <NA> <NA> {one.speaker} <NA> <NA>"
            for one in voices
        ]
        (folder / f"{name}.rttm").write_text("\n".join(lines) + "\n")
    if segments[0].text:
        lines = [
            f"{name} 1 {one.speaker or 'unknown'} {one.start:.3f} {one.end:.3f} {one.text}"
            for one in segments
        ]
        (folder / f"{name}.stm").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
