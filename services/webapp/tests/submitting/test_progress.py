"""How far a job on this machine is, by its log."""

import json
from pathlib import Path

import pytest
from debate_webapp.submitting.progress import read_page, read_progress, step_in_words
from debate_webapp.submitting.runs import read_tail


def test_how_far_a_job_is_stands_at_the_end_of_its_log(tmp_path: Path) -> None:
    assert read_progress(tmp_path) is None
    (tmp_path / "logs").mkdir()
    stages = [{"name": "download", "state": "done"}, {"name": "transcribe", "state": "running"}]
    (tmp_path / "job.json").write_text(json.dumps({"stages": stages}))
    events = [{"event": "note", "message": f"line {n} {'x' * 80}"} for n in range(500)]
    step = {"event": "progress", "step": "voice_prints", "done": 30, "total": 120, "unit": "s"}
    lines = [*map(json.dumps, events), json.dumps(step | {"rate": 2.5, "seconds_left": 36}), "ouch"]
    (tmp_path / "logs" / "transcribe.jsonl").write_text("\n".join(lines))

    found = read_progress(tmp_path)

    assert found
    assert (found.stage, found.number, found.stages) == ("Transcription", 2, 2)
    assert (found.step, found.share, found.rate) == (
        "voice prints",
        0.25,
        "2.5\N{MULTIPLICATION SIGN} real time",
    )
    assert found.seconds_left == 36
    assert len(found.lines) == 8
    assert found.lines[-1] == "ouch"
    assert len(read_tail(tmp_path / "logs" / "transcribe.jsonl")) <= 16_384


def test_where_a_step_takes_an_hour_it_is_said_once_and_what_came_before_stays(
    tmp_path: Path,
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "job.json").write_text('{"stages": [{"name": "transcribe", "state": "running"}]}')
    log = tmp_path / "logs" / "transcribe.jsonl"
    step = {"event": "progress", "step": "recognition", "total": 9000}
    told = [json.dumps(step | {"done": n}) for n in range(9000)]
    log.write_text("\n".join(told))
    found = read_progress(tmp_path)
    assert found
    assert found.lines == ("writing down what is said",)

    before = ['{"event": "note", "message": "hot words: 3"}'] * 2
    log.write_text("\n".join([*before, *told[:3], "ouch", told[3]]))
    found = read_progress(tmp_path)
    assert found
    writing = "writing down what is said"
    assert found.lines == ("hot words: 3", writing, "ouch", writing)


def test_a_step_has_words_that_people_use() -> None:
    assert step_in_words("diarization") == "telling the voices apart"
    assert step_in_words("voice_prints") == "voice prints"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"stages": 1}', '{"stages": [1]}', '{"stages": [{}]}']
)
def test_a_record_or_a_log_that_is_none_is_no_fault_of_the_page(tmp_path: Path, text: str) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "job.json").write_text(text)
    (tmp_path / "logs" / "register.jsonl").write_text('{"event": "finished", "outputs": ["/x"]}')

    read_progress(tmp_path)
    assert read_page(tmp_path) == ""
