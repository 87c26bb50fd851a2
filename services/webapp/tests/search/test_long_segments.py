"""Segments as long as they may be: PostgreSQL keeps few places of a word, and none of late ones."""

import pytest
from alembic import command
from archives import Archive
from debate_webapp.database.migrations import config, upgrade
from debate_webapp.incoming.artefact import MAX_TEXT

OFTEN = "the dog and " * 300 + "the very last bus"  # 256 places of a word
LATE = "京" * 17_000 + "the very last bus 東京都"  # 16,383 words
WIDE = "".join(map(chr, range(0x20000, 0x20000 + MAX_TEXT)))  # 20,000 words, each another one
LONG = f"{'x' * 3000} the very last bus"  # a word of more than 2,046 bytes
# Three quarters of the megabyte that an index entry may have: four words of each other letter.
_LETTERS = [chr(code) for code in range(0x10000, 0x20000) if chr(code).isalpha()]
HEAVY = "".join(f"\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}{letter}" for letter in _LETTERS)
HEAVY = HEAVY[:MAX_TEXT]
SAID = [OFTEN, LATE, WIDE, LONG, "A bus, the very last one.", HEAVY]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ('"the very last bus"', [0, 1, 3]),
        ('"the very last bu*"', [0, 1, 3]),
        ('"the very"', [0, 1, 3, 4]),
        ("bus -very", []),
        ('bus -"very last bus"', [4]),
        ('"very last bus" OR "last one"', [0, 1, 3, 4]),
        ("東京都", [1]),
        (WIDE[-3:], [2]),
        (WIDE[-3:][::-1], []),
        ('"dog and the dog"', [0]),
    ],
)
def test_a_phrase_is_found_at_the_end_of_a_long_segment(
    archive: Archive, asked: str, found: list[int]
) -> None:
    archive.add(said=SAID)

    assert archive.find(asked) == [SAID[at] for at in found]


def test_what_is_written_into_a_long_segment_is_found(archive: Archive) -> None:
    archive.add()
    archive.edit("The bus lane is late.", LATE)

    assert archive.find('"very last bus"') == [LATE]


def test_a_database_with_long_segments_is_taken_back_and_upgraded_again(archive: Archive) -> None:
    archive.add(said=SAID)
    archive.session.close()
    engine = archive.session.get_bind().engine
    for _ in range(2):
        command.downgrade(config(engine), "0017")
        upgrade(engine)

    assert archive.find('"the very last bus"') == [OFTEN, LATE, LONG]
