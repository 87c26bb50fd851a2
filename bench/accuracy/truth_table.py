"""The tables of truth.py in Markdown; every sum is of counts or seconds, never of rates."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truth import Row

WORDS = (
    "| words of | words | WER | the same in one recording | with the right speaker (cpWER) |"
    " unheard, s |"
)
VOICES = (
    "| voices of | speech, s | speakers | found | DER | missed | made up | confused |"
    " speaking time | DER, count given |"
)


def write_tables(figures: Mapping[str, Sequence["Row"]]) -> str:
    """Words by model, then voices, which are the same for all models."""
    parts = [
        f"## Words, Whisper {model}\n\n{_words_table(rows)}" for model, rows in figures.items()
    ]
    voices = _voices_table(next(iter(figures.values())))
    return "\n\n".join([*parts, f"## Voices\n\n{voices}"]) + "\n"


def _words_table(rows: Sequence["Row"]) -> str:
    read = [row for row in rows if row.words]
    sums: list[tuple[str, Callable[[Row], bool]]] = [
        ("English, not by telephone", lambda row: row.language == "en" and not row.telephone),
        ("English", lambda row: row.language == "en"),
        ("other languages", lambda row: row.language != "en"),
    ]
    lines = [WORDS, _rule(WORDS), *(_words_line(row.name, [row]) for row in read)]
    for name, belongs in sums:
        if chosen := [row for row in read if belongs(row)]:
            lines.append(_words_line(f"**{name}**", chosen))
    return "\n".join(lines)


def _words_line(name: str, rows: Sequence["Row"]) -> str:
    words = sum(row.words for row in rows)
    said = [row.attributed for row in rows if row.attributed]
    attributed = (
        sum(one["errors"] for one in said) / sum(one["words"] for one in said) if said else None
    )
    cells = [
        name,
        str(words),
        _rate(sum(row.wrong for row in rows) / words),
        _rate(sum(row.wrong_joined for row in rows) / words),
        _rate(attributed),
        f"{sum(row.unheard for row in rows):.1f}",
    ]
    return _line(cells)


def _voices_table(rows: Sequence["Row"]) -> str:
    heard = [row for row in rows if row.voices]
    lines = [VOICES, _rule(VOICES), *(_voices_line(row.name, [row]) for row in heard)]
    return "\n".join([*lines, _voices_line("**together**", heard)])


def _voices_line(name: str, rows: Sequence["Row"]) -> str:
    def total(key: str) -> float:
        return sum(row.voices[key] for row in rows)

    def wrong(voices: Mapping[str, float]) -> float:
        return voices["missed"] + voices["false_alarm"] + voices["confusion"]

    speech = total("speech")
    parts = [total(key) / speech for key in ("missed", "false_alarm", "confusion", "time_wrong")]
    cells = [
        name,
        f"{speech:.0f}",
        f"{total('speakers'):.0f}",
        f"{total('speakers_found'):.0f}",
        _rate(sum(wrong(row.voices) for row in rows) / speech),
        *map(_rate, parts),
        _rate(sum(wrong(row.voices_counted) for row in rows) / speech),
    ]
    return _line(cells)


def _rate(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.3f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(head: str) -> str:
    return "|" + "---|" * (head.count("|") - 1)
