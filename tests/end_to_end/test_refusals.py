"""What cannot become a debate: one sentence, the contract's exit code, nothing left behind."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from disks import own_mounts
from jobs import DEBATE, tree
from recordings import silence, without_sound
from running import environment, run
from serving.loopback import Site

RECORD = {"job.json", ".lock", "logs/download.jsonl"}  # says why it failed; see contracts/job
SMALL = 300 * 1024  # bytes of the disk that gets full


def nonsense(site: Site, folder: Path) -> str:
    return "the debate of last night"


def unreachable(site: Site, folder: Path) -> str:
    return "http://127.0.0.1:1/debate.mp4"  # nobody listens on port 1


def missing(site: Site, folder: Path) -> str:
    return f"{site.url}/gone.mp4"


def page(site: Site, folder: Path) -> str:
    return f"{site.url}/page.html"


def mute(site: Site, folder: Path) -> str:
    return site.serve("mute.mp4", without_sound(folder / "mute.mp4"))


def garbage(site: Site, folder: Path) -> str:
    return str(damaged(folder))


def garbage_from_the_web(site: Site, folder: Path) -> str:
    return site.serve("damaged.mp4", damaged(folder))


def damaged(folder: Path) -> Path:
    path = folder / "damaged.mp4"
    path.write_bytes(b"once this was a recording of the council " * 500)
    return path


# what is submitted, exit code, what the sentence has to speak of
REFUSALS: list[tuple[Callable[[Site, Path], str], int, str]] = [
    (nonsense, 66, "the debate of last night is neither"),
    (unreachable, 75, "cannot be reached"),
    (missing, 66, "404"),
    (page, 65, "no video was found"),
    (mute, 65, "no audio track"),
    (garbage, 65, "is not a video or audio file"),
    (garbage_from_the_web, 65, "is not a video or audio file"),
]


def last_sentence(result: subprocess.CompletedProcess[str]) -> str:
    """The last line on standard error, which is the front door's; nobody gets a traceback."""
    assert "Traceback" not in result.stderr + result.stdout
    sentence = result.stderr.splitlines()[-1]
    assert sentence.startswith("debate: ")
    return sentence


def left_behind(store: Path) -> set[str]:
    """What the jobs of a store hold beyond the record of what was asked for."""
    files = {path for job in store.glob("jobs/*/") for path in tree(job)}
    return files - RECORD


@pytest.mark.parametrize(
    ("source", "exit_code", "words"), REFUSALS, ids=[case[0].__name__ for case in REFUSALS]
)
def test_what_is_no_debate_is_refused(
    source: Callable[[Site, Path], str], exit_code: int, words: str, site: Site, tmp_path: Path
) -> None:
    store = tmp_path / "store"

    result = run(DEBATE, "submit", source(site, tmp_path), STORAGE_ROOT=store, ATTEMPTS="1")

    assert result.returncode == exit_code, result.stderr
    assert words in last_sentence(result)
    assert not left_behind(store)


def test_pyannote_without_a_token_is_refused(tmp_path: Path) -> None:
    result = run(
        DEBATE,
        "submit",
        silence(tmp_path / "quiet.mp4"),
        STORAGE_ROOT=tmp_path / "store",
        DIARIZATION_ENGINE="pyannote",
        HF_HOME=tmp_path,  # a model or token of whoever runs the tests does not count
    )

    assert result.returncode == 64, result.stderr
    assert "HF_TOKEN" in last_sentence(result)
    assert not list(tmp_path.glob("store/jobs/*/transcripts/*"))


def on_a_small_disk(store: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Submit to a file system of its own, which only this command sees, and list what it leaves."""
    script = """
        mount -t tmpfs -o size="$1" tmpfs "$2" || exit 99
        STORAGE_ROOT="$2" "$3" submit "$4"
        code=$?
        cd "$2" && find jobs -type f
        exit $code
    """
    return subprocess.run(
        [*own_mounts()[0], "sh", "-c", script, "sh", str(SMALL), store, DEBATE, source],
        env=environment({"ATTEMPTS": "1"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_full_disk_is_said_and_leaves_nothing_partial(site: Site, tmp_path: Path) -> None:
    recording = tmp_path / "long.mp4"
    recording.write_bytes(silence(tmp_path / "quiet.mp4").read_bytes() + bytes(2 * SMALL))
    store = tmp_path / "store"
    store.mkdir()

    result = on_a_small_disk(store, site.serve("long.mp4", recording))

    assert result.returncode == 75, result.stderr
    assert "disk" in last_sentence(result) or "space" in last_sentence(result)
    assert {Path(line).name for line in result.stdout.split()} <= {
        ".lock",
        "job.json",
        "download.jsonl",
    }
