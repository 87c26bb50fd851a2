"""Who interrupts whom, as the page shows it.

    0         10        20        30        40 s
00  ├─────────┤         ├─────────┤
01           ├─────────┤
02                               ├──────────┤
"""

from typing import Any

import pytest
from clients import CheckedClient
from debate_stats import compute_statistics, parse_transcript
from debate_webapp.database.models import Speaker
from debate_webapp.reading.figures import Figures, Row
from debate_webapp.reading.voices import compute_cast
from debate_webapp.site.debates.exchanges import Exchanges, find_exchanges
from pages import outline
from stores import transcript_document

# Each starts one second before the one before him stops, and goes on.
CHAIN = [("00", 0, 10), ("01", 9, 20), ("00", 19, 30), ("02", 29, 40)]


def segments(stretches: list[tuple[str, float, float]]) -> list[dict[str, Any]]:
    return [
        {"id": n, "start": start, "end": end, "speaker": f"SPEAKER_{who}", "text": "So it is."}
        for n, (who, start, end) in enumerate(stretches)
    ]


def exchanges(stretches: list[tuple[str, float, float]]) -> Exchanges:
    rows = segments(stretches)
    document = transcript_document(transcription=rows, speech=rows, duration=600.0)
    statistics = compute_statistics(parse_transcript(document))
    labels = [speaker.speaker_id_in_transcript for speaker in statistics.speakers]
    cast = compute_cast(Speaker(label=label, colour=n) for n, label in enumerate(labels))
    rows_of_page = tuple(
        Row(cast.by_label[found.speaker_id_in_transcript], found, ())
        for found in statistics.speakers
    )
    return find_exchanges(Figures(rows_of_page, statistics, 60.0))


def test_a_line_of_the_matrix_says_whom_its_voice_interrupts() -> None:
    found = exchanges(CHAIN)

    names = [row.voice.initials for row in found.rows]
    counts = [[cell and cell.interruptions for cell in cells] for cells in found.matrix]
    assert names == ["00", "01", "02"]
    assert counts == [[None, 1, 0], [1, None, 0], [1, 0, None]]
    assert found.interruptions == 3


def test_a_cell_leads_to_its_pair_and_the_commonest_is_the_darkest() -> None:
    found = exchanges([*CHAIN, ("00", 39, 50), ("02", 49, 60)])

    cells = [cell for cells in found.matrix for cell in cells if cell and cell.interruptions]
    assert all(found.cuts[cell.place].counted.interruptions == cell.interruptions for cell in cells)
    assert {cell.interruptions: cell.shade for cell in cells} == {1: 2, 2: 4}
    assert found.cuts[0].second.voice.initials == "02"


def test_two_voices_need_no_matrix() -> None:
    found = exchanges(CHAIN[:3])

    assert found.matrix == []
    assert len(found.cuts) == 2


@pytest.mark.parametrize(("seconds", "rate"), [(50, None), (120, 5.0)])
def test_a_rate_needs_a_minute_of_speech(seconds: float, rate: float | None) -> None:
    found = exchanges([("00", 0, seconds), ("01", seconds - 1, seconds + 10)])

    assert found.cuts[0].rate == rate


def test_the_page_leads_to_each_interruption_and_a_little_before(
    editor: CheckedClient, make_job
) -> None:
    rows = segments(CHAIN)
    editor.send("/debates", uri=str(make_job(transcription=rows, speech=rows, duration=60.0)))

    reply = editor.get("/debates/1")
    assert "Someone is cut short 3 times." in reply.text
    links = [link.get("href") for link in outline(reply).all("a")]
    for start in (9, 19, 29):
        assert f"#t={start - 2}" in links
    assert "Speaker 02 interrupts Speaker 00 once" in reply.text


def test_where_nobody_interrupts_the_page_says_so(editor: CheckedClient, make_job) -> None:
    editor.send("/debates", uri=str(make_job()))

    assert "Nobody is cut short." in editor.get("/debates/1").text


def test_an_engine_that_keeps_no_overlaps_cannot_tell(editor: CheckedClient, make_job) -> None:
    model = {"asr": "pocketsphinx", "diarization": "embedded"}
    editor.send("/debates", uri=str(make_job(model=model)))
    page = editor.get("/debates/1").text

    assert "Nobody is cut short." not in page
    assert "Not known: what made this draft gives each moment to one voice alone" in page


def test_a_debate_of_one_voice_has_no_such_part(editor: CheckedClient, make_job) -> None:
    rows = segments(CHAIN[:1])
    editor.send("/debates", uri=str(make_job(transcription=rows, speech=rows)))

    assert "Who interrupts whom" not in editor.get("/debates/1").text
