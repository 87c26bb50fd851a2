"""What became of all media: downloaded and listened to, two at a time."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import DOWNLOAD, TRANSCRIBE
from media.table import TABLE, Base
from running import succeed

HERE = Path(__file__).parent
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Heard:
    """What is heard in the files themselves, and in the MP4s of their jobs, by the files' names."""

    base: Base
    jobs: Path
    sources: dict[str, dict[str, Any]]
    made: dict[str, dict[str, Any]]

    def media(self, name: str) -> dict[str, Any]:
        """The media.json of a job."""
        return dict(json.loads((self.jobs / name / "media.json").read_text()))

    def video(self, name: str) -> Path:
        """The MP4 of a job."""
        return self.jobs / name / str(self.media(name)["video"]["path"])


def hear_all(base: Base, folder: Path, jobs: Path) -> Heard:
    """Take every medium of the table, which lies in `folder`, into a job below `jobs`."""
    files = [folder / medium.name for medium in TABLE]
    shares = [files[n::SIDE_BY_SIDE] for n in range(SIDE_BY_SIDE)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        found = list(pool.map(lambda share: _share(share, jobs), shares))
    sources, made = ({k: v for one in found for k, v in one[n].items()} for n in (0, 1))
    return Heard(base, jobs, sources, made)


def _share(files: list[Path], jobs: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Download files and listen to them and to what was made of them."""
    download({file: jobs / file.name for file in files})
    videos = [next((jobs / file.name).glob("videos/*.mp4")) for file in files]
    both = json.loads(succeed(_python(TRANSCRIBE), HERE / "listening.py", *files, *videos))
    names = [file.name for file in files]
    sources = dict(zip(names, (both[str(file)] for file in files), strict=True))
    return sources, dict(zip(names, (both[str(video)] for video in videos), strict=True))


def download(jobs: dict[Path, Path]) -> None:
    """Take each recording into its job."""
    _repeat(
        DOWNLOAD,
        "debate_downloader.cli",
        [["--video-url", str(file), "--output-s3-prefix", str(job)] for file, job in jobs.items()],
    )


def transcribe(jobs: list[Path], *options: str) -> list[Path]:
    """The transcript of each job."""
    _repeat(
        TRANSCRIBE,
        "debate_transcriber.cli",
        [
            ["--video-s3-prefix", f"{job}/videos", "--output-s3-prefix", str(job), *options]
            for job in jobs
        ],
    )
    return [next(job.glob("transcripts/*_transcription.json")) for job in jobs]


def _repeat(program: Path, module: str, words: list[list[str]]) -> None:
    said = succeed(_python(program), HERE / "stage.py", module, json.dumps(words), timeout=600)
    assert json.loads(said.splitlines()[-1]) == [0] * len(words)


def _python(program: Path) -> Path:
    """The Python of a program's environment."""
    return program.with_name("python")
