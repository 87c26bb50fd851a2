"""A stage in small: speaks the log lines, keeps to the tree of the contract, does as it is told.

Run as `fake_stage.py STAGE [arguments]`. What it is to do stands in `$FAKE_CONTROL/<stage>.script`,
one order a line, and each attempt takes the first: `fail CODE SENTENCE`, `crash`, `wait` (until
`<stage>.go` appears), `stubborn` (wait, deaf to SIGTERM), `progress`. Without orders it works.
It needs the standard library only, so that it starts at once; the statistics that it hands out lie
in `$FAKE_CONTROL`.
"""

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

STAGE = sys.argv[1]
CONTROL = Path(os.environ["FAKE_CONTROL"])
NAMES = (
    "VIDEO_URL",
    "LANGUAGE",
    "NUM_SPEAKERS",
    "CHANNELS",
    "AUDIO_TRACK",
    "WHISPER_MODEL",
    "STORAGE_ROOT",
    "LOG_FORMAT",
)
PREFIXES = (
    "VIDEO_S3_PREFIX",
    "OUTPUT_S3_PREFIX",
    "TRANSCRIPTS_PREFIX",
    "ALLOW_PRIVATE_HOSTS",
    "VOCABULARY",
)
ON_AWS = ("VIDEO_URLS", "TRANSCRIPTS_S3_PREFIX", "MAX_HEIGHT", "AWS_BATCH_JOB_ID")


def say(event, message, **more):
    now = datetime.now(UTC).isoformat()
    line = {"time": now, "level": "info", "stage": STAGE, "event": event, "message": message}
    sys.stderr.write(json.dumps(line | more) + "\n")
    sys.stderr.flush()


def fail(code, sentence):
    say("failed", sentence, exit_code=code, error="Fake")
    sys.exit(code)


def next_order():
    script = CONTROL / f"{STAGE}.script"
    if not script.exists() or not (orders := script.read_text().splitlines()):
        return []
    script.write_text("\n".join(orders[1:]))
    return orders[0].split(maxsplit=2)


def wait():
    say("progress", "working", step="work", done=1, total=4, unit="s")
    (CONTROL / f"{STAGE}.waiting").touch()
    deadline = time.monotonic() + 40
    while not (CONTROL / f"{STAGE}.go").exists():
        if time.monotonic() > deadline:
            fail(70, "nobody let me go")
        time.sleep(0.02)


def obey(order):
    match order:
        case ["fail", code, sentence]:
            fail(int(code), sentence)
        case ["crash"]:
            sys.exit("It broke.")
        case ["stubborn"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            wait()
        case ["wait"]:
            wait()
        case ["progress"]:
            for done in range(3):
                say("progress", "working", step="work", done=done, total=2, unit="s")


def place(name):
    """Return the folder that a prefix names; buckets are folders in `$FAKE_CONTROL/s3`."""
    index, job = (os.environ.get(f"AWS_BATCH_JOB_{part}", "") for part in ("ARRAY_INDEX", "ID"))
    prefix = os.environ[name].replace("{index}", index).replace("{job}", job.replace(":", "-"))
    return Path(prefix.replace("s3:/", f"{CONTROL}/s3", 1)) if "s3:" in prefix else Path(prefix)


def publish(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.rename(path)


def download():
    folder = place("OUTPUT_S3_PREFIX") / os.environ.get("AWS_BATCH_JOB_ID", "").replace(":", "-")
    if (folder / "media.json").exists():
        return True
    publish(folder / "videos" / "debate.mp4", b"video")
    publish(folder / "media.json", b'{"video": {"path": "videos/debate.mp4"}}')
    return False


def transcribe():
    folder = place("OUTPUT_S3_PREFIX")
    videos = [*place("VIDEO_S3_PREFIX").glob("*.mp4")]
    if not videos:
        fail(66, "no video there")
    result = folder / "transcripts" / "debate_transcription.json"
    content = json.dumps({"speakers": os.environ.get("NUM_SPEAKERS")}).encode()
    if (CONTROL / "transcript.json").exists():  # what a reader of transcripts would take
        content = (CONTROL / "transcript.json").read_bytes()
    if result.exists() and result.read_bytes() == content and "--force" not in sys.argv:
        return True
    publish(result, content)
    return False


def stats():
    prefixes = ("TRANSCRIPTS_S3_PREFIX", "TRANSCRIPTS_PREFIX")
    folder = place(next(name for name in prefixes if name in os.environ))
    publish(folder / "debate_speaker_stats.parquet", (CONTROL / "stats.parquet").read_bytes())
    totals = {"total_seconds": 120.0, "total_words": 1280, "duration": 150.5, "quality": "draft"}
    publish(folder / "debate_transcript_stats.json", json.dumps(totals).encode())
    return False


def register():
    register_file = Path(os.environ["STORAGE_ROOT"]) / "registered.txt"
    known = register_file.read_text().splitlines() if register_file.exists() else []
    publish(register_file, "\n".join(sorted({*known, *sys.argv[3:]})).encode())
    return False


def record_call():
    environment = {
        name: os.environ[name] for name in NAMES + PREFIXES + ON_AWS if name in os.environ
    }
    call = {"arguments": sys.argv[2:], "environment": environment, "pid": os.getpid()}
    with (CONTROL / f"{STAGE}.calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: fail(75, "told to stop"))
    record_call()
    say("started", f"{STAGE} starts")
    obey(next_order())
    skipped = globals()[STAGE]()
    say("finished", f"{STAGE} well", outputs=[], skipped=skipped)
