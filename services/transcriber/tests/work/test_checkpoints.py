import gzip
import io
import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from debate_contract.logs import Log
from debate_contract.storage import locate
from debate_transcriber.work.checkpoints import Checkpoints, pack, unpack
from hypothesis import given
from hypothesis import strategies as st

SHA256 = "ab" * 32
RECOGNISER = {"engine": "whisper", "model": "base"}


def checkpoints(folder: Path, sha256: str = SHA256) -> tuple[Checkpoints, io.StringIO]:
    said = io.StringIO()
    return Checkpoints(
        folder / ".work" / "debate", sha256, Log("transcribe", as_json=True, stream=said)
    ), said


def test_the_next_attempt_finds_what_a_stopped_one_had_finished(tmp_path: Path) -> None:
    first, _ = checkpoints(tmp_path)
    with suppress(KeyboardInterrupt), first.stage("recognition", RECOGNISER) as kept:
        kept["0-20"] = [["and", 0.1, 0.25, 0.99]]
        kept["20-40"] = []
        raise KeyboardInterrupt

    second, said = checkpoints(tmp_path)
    with second.stage("recognition", RECOGNISER) as kept:
        assert dict(kept) == {"0-20": [["and", 0.1, 0.25, 0.99]], "20-40": []}
        kept["40-60"] = []
    assert "part of recognition is done" in said.getvalue()
    with second.stage("recognition", RECOGNISER) as kept:
        assert kept.keys() == {"0-20", "20-40", "40-60"}


def test_a_kill_keeps_the_first_piece_and_pieces_that_belong_together(tmp_path: Path) -> None:
    first, _ = checkpoints(tmp_path)
    stage = first.stage("recognition", RECOGNISER)
    stage.__enter__().update({"0-20": [], "20-40": []}, language=["cs", 0.9])  # never left

    second, _ = checkpoints(tmp_path)
    with second.stage("recognition", RECOGNISER) as kept:
        assert dict(kept) == {"0-20": [], "20-40": [], "language": ["cs", 0.9]}


@pytest.mark.parametrize(
    ("parameters", "sha256"),
    [({**RECOGNISER, "model": "turbo"}, SHA256), (RECOGNISER, "cd" * 32)],
    ids=["another model", "another recording"],
)
def test_work_done_otherwise_is_not_found(
    tmp_path: Path, parameters: dict[str, object], sha256: str
) -> None:
    with checkpoints(tmp_path)[0].stage("recognition", RECOGNISER) as kept:
        kept["0-20"] = []
    with checkpoints(tmp_path, sha256)[0].stage("recognition", parameters) as kept:
        assert not kept


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-9],
        lambda content: content[:20] + bytes([content[20] ^ 255]) + content[21:],
        lambda content: b"not compressed at all",
        lambda content: gzip.compress(b"[1, 2]"),
    ],
    ids=["empty", "cut off", "a wrong byte", "foreign", "no pieces"],
)
def test_a_damaged_part_is_said_and_the_others_are_used(tmp_path: Path, damage) -> None:
    for name in ("0-20", "20-40"):
        with checkpoints(tmp_path)[0].stage("recognition", RECOGNISER) as kept:
            kept[name] = [[name, 0.0, 1.0, 0.5]]
    first, _second = sorted(tmp_path.rglob("*.json.gz"))
    first.write_bytes(damage(first.read_bytes()))

    again, said = checkpoints(tmp_path)
    with again.stage("recognition", RECOGNISER) as kept:
        assert kept.keys() == {"20-40"}
        kept["0-20"] = []
    assert "00000.json.gz is damaged" in json.loads(said.getvalue().splitlines()[0])["message"]
    with again.stage("recognition", RECOGNISER) as kept:
        assert kept.keys() == {"0-20", "20-40"}


def test_nothing_is_left_when_all_is_done_but_other_recordings_work(tmp_path: Path) -> None:
    (tmp_path / ".work" / "other").mkdir(parents=True)
    ours, _ = checkpoints(tmp_path)
    for model in ("base", "turbo"):
        with ours.stage("recognition", {"model": model}) as kept:
            kept["0-20"] = []
    ours.clear()
    assert [p.name for p in (tmp_path / ".work").iterdir()] == ["other"]

    (tmp_path / ".work" / "other").rmdir()
    with ours.stage("recognition", {}) as kept:
        kept["0-20"] = []
    ours.clear()
    assert list(tmp_path.iterdir()) == []
    ours.clear()


def test_on_s3_work_is_kept_and_removed_alike(s3) -> None:
    ours = Checkpoints(
        locate("s3://debates/jobs/1/.work/debate"), SHA256, Log("transcribe", as_json=True)
    )
    ours.clear()
    for name in ("a", "b"):
        with ours.stage("diarization", {}) as kept:
            kept[name] = np.ones(3, np.float32)
    with ours.stage("diarization", {}) as kept:
        assert kept.keys() == {"a", "b"}
    s3.put_object(Bucket="debates", Key="jobs/1/transcripts/debate.json", Body=b"{}")
    ours.clear()
    (left,) = s3.list_objects_v2(Bucket="debates")["Contents"]
    assert left["Key"] == "jobs/1/transcripts/debate.json"


@given(st.lists(st.tuples(st.text(), st.floats(allow_nan=False), st.booleans())))
def test_words_come_back_bit_for_bit(rows: list[tuple[str, float, bool]]) -> None:
    assert unpack(pack({"0-20": rows})) == {"0-20": [list(row) for row in rows]}


def test_arrays_come_back_bit_for_bit_and_can_be_written_to() -> None:
    array = np.random.default_rng(0).normal(size=(3, 2, 5)).astype(np.float32)
    back = unpack(pack({"vectors": array[:, ::-1]}))["vectors"]
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, array[:, ::-1])
    back[0] = 0
