"""How right the voice engine is on recordings with references, and what it costs on a CPU.

    services/transcriber/.venv/bin/python bench/accuracy/voices.py meeting.wav talks/*.flac

The reference lies beside each recording: NAME.rttm, or Falcon's test_data.json. The error is
without a collar, overlaps are scored and no number of speakers is given. The last row is the
seconds of all recordings together; `--leave-one-out` adds that row without each of them.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from references import turns_of

PARTS = ("missed", "false_alarm", "confusion")
HEADER = "| recording | DER | missed | false alarm | confusion | voices | CPU s per hour |"


def main() -> None:
    """Diarize one recording after the other, print a row for each and one for all."""
    given = _arguments()
    diarizer = loaded(given.models)
    print(f"{HEADER}\n|---|---|---|---|---|---|---|")
    rows = []
    for path in given.recordings:
        rows.append(measure(diarizer, path))
        print(_row(path.stem if path.stem != "test" else path.parent.name, rows[-1]), flush=True)
    print(_row("**all**", _together(rows)))
    if given.leave_one_out:
        for path, left in zip(given.recordings, rows, strict=True):
            others = _together([row for row in rows if row is not left])
            print(_row(f"without {path.stem}", others))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--models", type=Path, help="folder of weights; left out: the cache")
    parser.add_argument("--leave-one-out", action="store_true")
    return parser.parse_args()


def loaded(models: Path | None) -> Any:
    """The diarizer with the weights of a folder, or of the user's cache."""
    from debate_transcriber.engines import EngineSettings, campplus

    return campplus.load(EngineSettings("cpu", models=models, threads=1))


def measure(diarizer: Any, path: Path) -> dict[str, float]:
    """Seconds of speech and of each kind of error, voices, and CPU seconds of diarization."""
    from debate_transcriber import audio
    from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, SpeakerCount
    from debate_transcriber.evaluation.measures import diarization_error_rate
    from debate_transcriber.evaluation.references import Passage

    waveform = audio.decode(path, None, lambda *_: None)
    duration = len(waveform) / SAMPLE_RATE
    begun = time.process_time()
    found = diarizer.diarize(
        waveform, [Interval(0.0, duration)], SpeakerCount(), lambda *_: None
    ).speech
    cpu = time.process_time() - begun
    turns = [Passage(turn.start, turn.end, turn.label) for turn in found]
    return diarization_error_rate(turns_of(path), turns, duration) | {
        "cpu": cpu,
        "duration": duration,
    }


def _together(rows: list[dict[str, float]]) -> dict[str, float]:
    """The sums of all recordings."""
    return {key: sum(row[key] for row in rows) for key in rows[0]}


def _row(name: str, row: dict[str, float]) -> str:
    errors = [row[part] / row["speech"] for part in PARTS]
    voices = f"{row['speakers_found']:.0f} of {row['speakers']:.0f}"
    per_hour = row["cpu"] / row["duration"] * 3600
    shares = " | ".join(f"{share:.3f}" for share in [sum(errors), *errors])
    return f"| {name} | {shares} | {voices} | {per_hour:.0f} |"


if __name__ == "__main__":
    main()
