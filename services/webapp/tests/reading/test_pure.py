"""Names, slugs, chart geometry, proposals: functions without a database."""

import re
from pathlib import Path

import debate_webapp
import pytest
from debate_contract.errors import BadInput
from debate_webapp.database.models import Person, Segment, Speaker
from debate_webapp.incoming.suggestions import common_shares
from debate_webapp.reading.people import clean_name, slug_of
from debate_webapp.reading.voices import compute_cast, initials_of, label_name
from debate_webapp.site.debates.charts import LANE_MINIMUM, lane_marks
from debate_webapp.site.debates.page import find_sample
from debate_webapp.site.filters import amount, clock, moment, number, percent

STATIC = Path(debate_webapp.__file__).parent / "site" / "static"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ana Nováková", "ana-novakova"),
        ("Miloš Čermák ml.", "milos-cermak-ml"),
        ("  O'Neill  ", "o-neill"),
        ("Ольга", "ольга"),
        ("!!!", "person"),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_name_is_one_printable_line() -> None:
    assert clean_name(" Ana\n\tNova\u0301kova\u0301\u202e ") == "Ana Nováková"
    for bad in ("", " \n", "x" * 201):
        with pytest.raises(BadInput):
            clean_name(bad)


def test_times_and_shares_read_well() -> None:
    assert [clock(s) for s in (0, 59.9, 75.4, 3675)] == ["0:00", "0:59", "1:15", "1:01:15"]
    assert [amount(s) for s in (41, 60, 75.4, 3600)] == [
        "41 s",
        "1 min 00 s",
        "1 min 15 s",
        "1 h 00 min",
    ]
    assert [percent(s) for s in (None, 0, 0.547, 1)] == ["–", "0 %", "55 %", "100 %"]  # noqa: RUF001
    assert number(12345) == "12\u202f345"
    assert [moment(s) for s in (12.34, 3, 7200.56)] == ["#t=12.3", "#t=3", "#t=7200.6"]


def test_initials_and_label_names() -> None:
    assert [initials_of(n) for n in ("Ana Nováková", "Ana", "Speaker 07", "Unknown voice")] == [
        "AN",
        "A",
        "07",
        "?",
    ]
    assert label_name("SPEAKER_07") == "Speaker 07"
    assert label_name("SPEAKER_UNKNOWN") == "Unknown voice"


def speaker(label: str, colour: int, person: Person | None = None) -> Speaker:
    return Speaker(label=label, colour=colour, person=person)


def test_two_labels_of_one_person_are_one_voice_in_the_first_ones_colour() -> None:
    ana = Person(id=1, slug="ana", name="Ana")
    cast = compute_cast([speaker("B", 0, ana), speaker("A", 1), speaker("C", 2, ana)])

    assert [(v.key, v.colour, v.labels) for v in cast.voices] == [
        ("person:ana", 0, ("B", "C")),
        ("A", 1, ("A",)),
    ]


def test_a_segments_own_person_wins_over_its_label() -> None:
    ana, petr = Person(id=1, slug="ana", name="Ana"), Person(id=2, slug="petr", name="Petr")
    cast = compute_cast([speaker("A", 0, ana)], [petr])

    assert cast.of(Segment(label="A", person_id=2)).name == "Petr"
    assert cast.of(Segment(label="A")).name == "Ana"


def test_a_lane_joins_what_a_reader_could_not_tell_apart() -> None:
    # 0        500      1000   units of a debate of 100 s
    # ██ ██             ▏
    marks = lane_marks([(10, 20), (0, 9.9), (50, 50.01), (99, 120)], 100)

    assert [(m.x, m.width, m.start) for m in marks] == [
        (0, 200, 0),
        (500, LANE_MINIMUM, 50),
        (990, 10, 99),
    ]
    assert lane_marks([(0, 1)], 0) == []


def test_a_sample_is_where_the_voice_is_most_surely_alone() -> None:
    segments = [
        Segment(start=0, end=20, overlap=True, speaker_confidence=1.0),
        Segment(start=20, end=22, overlap=False, speaker_confidence=1.0),
        Segment(start=30, end=40, overlap=False, speaker_confidence=0.6),
        Segment(start=50, end=60, overlap=False, speaker_confidence=0.9),
    ]
    assert find_sample(segments) == (50, 55)
    assert find_sample([]) is None


def test_labels_of_two_versions_are_compared_by_common_time() -> None:
    # 0     5    10
    # new:  A────┐
    # old:  X─┐Y─┘
    shares = common_shares([(0, 10, "A")], [(0, 4, "X"), (4, 10, "Y"), (10, 20, "Y")])

    assert shares == {("A", "X"): 0.4, ("A", "Y"): 0.6}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_speaker_colour_can_be_read_on_every_ground() -> None:
    pairs = re.findall(
        r"--speaker: light-dark\((#\w+), (#\w+)\)", (STATIC / "css/speakers.css").read_text()
    )
    grounds = dict(
        re.findall(r"--(\w+): (light-dark\(#\w+, #\w+\))", (STATIC / "css/base.css").read_text())
    )

    assert len(set(pairs)) == 12
    for ground in ("paper", "panel", "mark"):
        backgrounds = re.findall(r"#\w+", grounds[ground])
        for pair in pairs:
            for colour, background in zip(pair, backgrounds, strict=True):
                assert contrast(colour, background) >= 4.4, (ground, colour)
                assert ground == "mark" or contrast(colour, background) >= 4.5, (ground, colour)
