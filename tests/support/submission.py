"""`make submit` of the sample debate."""

from dataclasses import dataclass
from pathlib import Path

from jobs import Job
from running import succeed


@dataclass(frozen=True)
class Submission:
    """What `make submit` was given, what it printed, and the job that it made."""

    url: str
    store: Path
    said: str
    job: Job


def submit(url: str, store: Path) -> Submission:
    """Run the command of the README; how many speak is left to the diarizer."""
    said = succeed("make", "submit", f"URL={url}", f"STORAGE_ROOT={store}", timeout=600)
    (folder,) = store.glob("jobs/*/")
    return Submission(url, store, said, Job(folder, logs={}))
