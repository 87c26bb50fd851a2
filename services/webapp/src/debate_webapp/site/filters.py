"""How times and shares read on a page."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from flask import Flask

from debate_webapp.database.models import Person
from debate_webapp.incoming.storage import TRANSCRIPT_SUFFIX
from debate_webapp.reading.people import Choices
from debate_webapp.reading.voices import PersonRow, SpeakerRow

DASH = "\N{EN DASH}"

# Names of the languages that debates here are most often in; others show their code.
LANGUAGES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French",
    "hr": "Croatian", "hu": "Hungarian", "it": "Italian", "lt": "Lithuanian", "lv": "Latvian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "uk": "Ukrainian",
}  # fmt: skip


def clock(seconds: float) -> str:
    """Seconds as a time on a clock: 75.4 is 1:15, an hour more is 1:01:15."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def amount(seconds: float) -> str:
    """A length of time in words: 75.4 is `1 min 15 s`."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def percent(share: float | None, digits: int = 0) -> str:
    """A share of 1 as a percentage; a dash when there is none."""
    return DASH if share is None else f"{share * 100:.{digits}f} %"


def number(value: float | None, digits: int = 0) -> str:
    """A figure with thin spaces between thousands; a dash when there is none."""
    return DASH if value is None else f"{value:,.{digits}f}".replace(",", "\u202f")


def times(count: int) -> str:
    """How often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count) or f"{number(count)} times"


def moment(seconds: float) -> str:
    """The address of a moment in the recording."""
    return f"#t={round(seconds, 1):g}" if seconds < 100_000 else f"#t={seconds:.1f}"


def language(code: str) -> str:
    """A language code as a name."""
    return LANGUAGES.get(code.lower()[:2], code)


def stem(key: str) -> str:
    """What a transcript's file name says about the debate."""
    return PurePosixPath(key).name.removesuffix(TRANSCRIPT_SUFFIX).replace("_", " ").strip()


def cast_names(speakers: Sequence[SpeakerRow]) -> str:
    """The people of a debate; how many voices are still without a name."""
    people = [speaker.person for speaker in speakers]
    names = [person.name for person in dict.fromkeys(people) if person]
    unnamed = people.count(None)
    if unnamed:
        names.append(f"{unnamed} voice{'' if unnamed == 1 else 's'} without a name")
    return ", ".join(names) or "nobody speaks"


def named(speakers: Sequence[SpeakerRow]) -> bool:
    """Whether anyone in the debate has a name."""
    return any(speaker.person for speaker in speakers)


def choice(person: Person | PersonRow, people: Choices) -> str:
    """How an editor would type this person."""
    return next((typed for typed, known in people.items() if known.id == person.id), person.name)


def when(at: datetime) -> str:
    """A time as a list has it, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def utc_iso(at: datetime) -> str:
    """The same for programs."""
    return at.isoformat(timespec="seconds")


def init_filters(app: Flask) -> None:
    """Make them known to the templates."""
    functions: list[Callable[..., object]] = [clock, amount, percent, number, times, moment]
    functions += [language, stem, cast_names, named, choice, when, utc_iso]
    app.jinja_env.filters.update({function.__name__: function for function in functions})
