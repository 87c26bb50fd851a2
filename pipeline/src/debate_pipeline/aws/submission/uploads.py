"""A file of the user's own, put where the download job can read it."""

from pathlib import Path
from typing import Any

from debate_contract.storage import sha256_of

from debate_pipeline.terminal.display import Display, format_amount

# Below jobs/, since the stages may read nothing else, and hidden, since it is no job.
FOLDER = "jobs/.uploads"
SUBTITLES = (".vtt", ".srt")


def upload_file(s3: Any, bucket: str, file: Path, display: Display) -> str:
    """Upload a file and the subtitles beside it, unless they are there; return its address.

    The address depends on the content: an edited file is another source, a renamed folder is not.
    """
    folder = f"{FOLDER}/{sha256_of(file)}"
    for path in (*_subtitles(file), file):
        if not _is_there(s3, bucket, f"{folder}/{path.name}", path.stat().st_size):
            size = format_amount(path.stat().st_size, "bytes")
            display.note(f"uploading {path.name} ({size})")
            s3.upload_file(str(path), bucket, f"{folder}/{path.name}")
    return f"s3://{bucket}/{folder}/{file.name}"


def _subtitles(file: Path) -> list[Path]:
    beside = (path for path in file.parent.iterdir() if path.suffix in SUBTITLES)
    return sorted(path for path in beside if path.name.startswith(f"{file.stem}."))


def _is_there(s3: Any, bucket: str, key: str, size: int) -> bool:
    # Listed, not asked with HEAD, whose refusals have no body: they would not say why.
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
    return any((one["Key"], one["Size"]) == (key, size) for one in found)
