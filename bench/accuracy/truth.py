"""How right whole transcripts are: the job over every recording with a reference, no count given.

    make truth DATA=<folder> [BENCH="--model base tiny.en --stock"]

The folder is as for words.py; who speaks when is read from `talk.rttm` beside `talk.wav`. Every
recording goes through the job as a user's would, once by itself and once more with the number of
speakers given, and all whose text is known as one recording with pauses of 1.5 s. Prints and
writes tables (--table), and puts the rates into the service (--write), which tells users by them
what to expect.
"""

import argparse
import json
import re
import tempfile
import wave
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from debate_contract.logs import Log
from debate_transcriber import job
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform, Word
from debate_transcriber.evaluation import measures
from debate_transcriber.evaluation.references import Account, Passage, read_stm, read_transcript
from debate_transcriber.settings import Settings
from references import Reference, read_references, turns_of
from truth_table import write_tables
from words import errors, is_by_telephone, join, normalised

HERE = Path(__file__).resolve().parent
SERVICE = HERE.parents[1] / "services" / "transcriber" / "src"
ERRORS = SERVICE / "debate_transcriber" / "measured" / "errors.json"
KEPT_ASIDE = HERE / "kept_aside.json"


@dataclass
class Row:
    """One recording: counts of words and seconds, from which every rate is made."""

    name: str
    language: str
    words: int = 0
    wrong: int = 0
    wrong_joined: int = 0
    attributed: dict[str, float] = field(default_factory=dict)
    voices: dict[str, float] = field(default_factory=dict)
    voices_counted: dict[str, float] = field(default_factory=dict)
    unheard: float = 0.0
    diarizer: str = ""

    @property
    def telephone(self) -> bool:
        """Whether it is left out of the English that is easy to hear."""
        return is_by_telephone(self.name)


def main() -> None:
    """Transcribe, compare, print, write."""
    given = _arguments()
    references = [one for one in read_references(given.folder) if one.text or turns_of(one.sound)]
    figures = {model: measure(references, model, given) for model in given.model}
    text = write_tables(figures)
    print(text)
    if given.table:
        given.table.write_text(text)
    if given.output:
        given.output.write_text(json.dumps(_plain(figures), indent=1) + "\n")
    if given.write:
        write_errors(figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="recordings with references beside them")
    parser.add_argument("--model", nargs="+", default=["base"], help="Whisper's sizes")
    parser.add_argument("--diarizer", default="auto", help="the voices' engine")
    parser.add_argument("--table", type=Path, help="write the tables as Markdown")
    parser.add_argument("--output", type=Path, help="write every count as JSON")
    parser.add_argument("--write", action="store_true", help="put the rates into the service")
    return parser.parse_args()


def measure(references: Sequence[Reference], model: str, given: argparse.Namespace) -> list[Row]:
    """A row per recording that the model may be asked to read."""
    wanted = [one for one in references if one.language == "en" or not model.endswith(".en")]
    with tempfile.TemporaryDirectory() as folder:
        alone = _transcribe(wanted, Path(folder), model, given.diarizer)
        counted = _transcribe(wanted, Path(folder), model, given.diarizer, counted=True)
        spoken = [one for one in wanted if one.text]
        rows = [_row(*three) for three in zip(wanted, alone, counted, strict=True)]
        _read_joined(spoken, {row.name: row for row in rows}, Path(folder), model)
    return rows


def _transcribe(
    references: Sequence[Reference],
    folder: Path,
    model: str,
    diarizer: str,
    *,
    counted: bool = False,
) -> list[dict[str, Any]]:
    """The transcripts of all references, by the job itself."""
    lines = ["recording,num_speakers"]
    for reference in references:
        sound = folder / f"{_slug(reference)}.wav"
        if not sound.exists():
            write_wave(sound, reference.waveform())
        speakers = len({turn.speaker for turn in turns_of(reference.sound)}) if counted else 0
        lines.append(f"{sound.name},{speakers or ''}")
    manifest = folder / "recordings.csv"
    manifest.write_text("\n".join(lines) + "\n")
    _run(manifest, folder, model, diarizer)
    return [_load(folder, _slug(reference)) for reference in references]


def write_wave(file: Path, waveform: Waveform) -> None:
    """Write mono at 16 kHz and 16 bits."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(waveform, -1, 1) * 32767).astype(np.int16).tobytes())


def _run(recordings: Path, folder: Path, model: str, diarizer: str = "auto") -> None:
    settings = Settings(
        str(recordings), str(folder), asr_engine="whisper", whisper_model=model,
        diarization_engine=diarizer, device="cpu",
    )  # fmt: skip
    job.run(settings, Log("transcribe", as_json=True))


def _load(folder: Path, stem: str) -> dict[str, Any]:
    file = folder / "transcripts" / f"{stem}_transcription.json"
    found: dict[str, Any] = json.loads(file.read_text())
    return found | {"account": read_transcript(file)}


def _slug(reference: Reference) -> str:
    return re.sub(r"[^a-z0-9]+", "-", reference.name.lower())


def _row(reference: Reference, alone: Mapping[str, Any], counted: Mapping[str, Any]) -> Row:
    row = Row(reference.name, reference.language, diarizer=alone["model"]["diarization"])
    if reference.text:
        row.words = len(normalised(reference.text, reference.language).split())
        row.wrong = errors(reference, _words(alone))
    stm = reference.sound.with_suffix(".stm")
    if stm.exists():
        row.attributed = _floats(
            measures.attributed_word_error_rate(read_stm(stm), alone["account"].passages)
        )
    if turns := turns_of(reference.sound):
        row.voices = compare_voices(turns, alone["account"])
        row.voices_counted = compare_voices(turns, counted["account"])
    row.unheard = sum(one["end"] - one["start"] for one in alone.get("unheard", []))
    return row


def compare_voices(turns: Sequence[Passage], found: Account) -> dict[str, float]:
    """Seconds missed, made up and confused, of all speech; wrong speaking time; the counts."""
    rates = measures.diarization_error_rate(turns, found.turns, found.duration)
    times = measures.speaking_time_error(turns, found.turns)
    return _floats(rates) | {"time_wrong": float(times["seconds"])}


def _floats(figures: Mapping[str, float | int]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items()}


def _words(transcript: Mapping[str, Any]) -> list[Word]:
    return [
        Word(w["word"], w["start"], w["end"], w["probability"], w.get("space_before", True))
        for segment in transcript["transcription"]
        for w in segment["words"]
    ]


def _read_joined(
    references: Sequence[Reference], rows: Mapping[str, Row], folder: Path, model: str
) -> None:
    """Errors of each recording when all are one."""
    waveform, spans = join([reference.waveform() for reference in references])
    write_wave(folder / "joined.wav", waveform)
    _run(folder / "joined.wav", folder, model)
    words = _words(_load(folder, "joined"))
    for reference, span in zip(references, spans, strict=True):
        inside = [w for w in words if span.start <= (w.start + w.end) / 2 <= span.end]
        rows[reference.name].wrong_joined = errors(reference, inside)


def write_errors(figures: Mapping[str, Sequence[Row]]) -> None:
    """What the service says of its engines: for each the set with the most words or speech."""
    table = json.loads(KEPT_ASIDE.read_text())
    words = {model: dict(rates) for model, rates in table["words"].items()}
    for model, rows in figures.items():
        for language, mine in (("en", True), ("other", False)):
            chosen = [row for row in rows if row.words and (row.language == "en") == mine]
            count = sum(row.words for row in chosen)
            known = words.setdefault(model, {}).get(language)
            if count > (known or {}).get("words", 0):
                words[model][language] = {
                    "wer": sum(row.wrong for row in chosen) / count,
                    "words": count,
                    "on": f"{len(chosen)} recordings with {count:,} words",
                }
    entries = {model: {k: _entry(v) for k, v in rates.items()} for model, rates in words.items()}
    rows = next(iter(figures.values()))
    heard = [row for row in rows if row.voices]
    voices = {heard[0].diarizer: voice_rates([row.voices for row in heard])} if heard else {}
    table = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "words": entries, "voices": voices}
    ERRORS.write_text(json.dumps(table, indent=1) + "\n")


def _entry(rates: Mapping[str, Any]) -> dict[str, Any]:
    return {"wer": round(rates["wer"], 3), "on": rates["on"]}


def voice_rates(voices: Iterable[Mapping[str, float]]) -> dict[str, Any]:
    """Rates of all recordings together: of summed seconds, never a mean of rates."""
    all_of = list(voices)
    speech = sum(one["speech"] for one in all_of)
    wrong = sum(one["missed"] + one["false_alarm"] + one["confusion"] for one in all_of)
    return {
        "der": round(wrong / speech, 3),
        "speaking_time_error": round(sum(one["time_wrong"] for one in all_of) / speech, 3),
        "on": f"{len(all_of)} conversations with {speech / 60:.0f} minutes of speech",
    }


def _plain(figures: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    return {model: [vars(row) for row in rows] for model, rows in figures.items()}


if __name__ == "__main__":
    main()
