"""The queue and the front door: what waits, what goes on after a restart, how each ends."""

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from debate_contract.errors import BadInput, InputNotFound
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.submissions import Submission
from debate_webapp.submitting import front_door, lease, queue
from debate_webapp.submitting import keeper as module
from debate_webapp.submitting.front_door import FrontDoor, environment_for, read_tail
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.progress import read_page, read_progress, step_in_words
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.wishes import Wishes, read_addresses, read_wishes
from newsrooms import Newsroom
from sqlalchemy import Engine
from sqlalchemy.orm import Session


def test_one_after_the_other_becomes_a_debate(newsroom: Newsroom) -> None:
    first, _ = newsroom.submit("wait", "second")
    newsroom.keeper.turn()
    newsroom.keeper.turn()
    assert newsroom.states() == ["running", "waiting"]

    newsroom.go()
    newsroom.until("done", "done")

    assert newsroom.row(first).page == "/debates/1"
    assert newsroom.row(first).job_id.startswith("20261128T120000Z-")


def test_as_many_side_by_side_as_the_setting_says(newsroom: Newsroom) -> None:
    newsroom.submit("wait/1", "wait/2", "wait/3")
    keeper = newsroom.new_keeper(at_once=2)
    keeper.turn()

    assert newsroom.states() == ["running", "running", "waiting"]


def test_what_was_wished_for_reaches_the_front_door(newsroom: Newsroom) -> None:
    typed = {"speakers": "3", "language": "cs", "names": "Radka\r\n Petr ", "model": "base"}
    wishes = read_wishes(typed)
    newsroom.submit("talk", wishes=wishes)
    newsroom.until("done")

    (called,) = newsroom.calls()
    names = next(one for one in called["arguments"] if one.startswith("--vocabulary="))
    assert Path(names.removeprefix("--vocabulary=")).read_text() == "Radka\nPetr"
    assert [one for one in called["arguments"] if not one.startswith("--vocabulary=")] == [
        "submit", f"--root={newsroom.root}", "--speakers=3", "--language=cs", "--model=base",
        "--", "https://x.example/talk",
    ]  # fmt: skip


def test_the_front_door_of_the_image_hands_jobs_to_aws_only(tmp_path, monkeypatch) -> None:
    """The image has `debate` beside the site, on PATH too, and none of the stages."""
    for name in ("debate", "python"):
        (tmp_path / name).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(front_door.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(front_door.debate_webapp, "__file__", str(tmp_path / "a/b/c/d/e.py"))

    assert FrontDoor("s3://debates").command == str(tmp_path / "debate")
    assert FrontDoor(str(tmp_path)).command is None


def test_no_secret_of_the_site_reaches_the_front_door(newsroom: Newsroom) -> None:
    newsroom.submit("talk")
    newsroom.until("done")

    (called,) = newsroom.calls()
    assert "planted" not in called["environment"].values()
    assert len(called["environment"]["SECRET_KEY"]) == 64


def test_an_address_in_the_sites_own_network_needs_leave() -> None:
    assert environment_for("/data", {})["ALLOW_PRIVATE_HOSTS"] == "0"
    assert environment_for("/data", {"ALLOW_PRIVATE_HOSTS": "1"})["ALLOW_PRIVATE_HOSTS"] == "1"


def test_a_folders_jobs_run_here_and_a_buckets_on_aws() -> None:
    assert environment_for("/data", {"BACKEND": "aws"})["BACKEND"] == "local"
    assert environment_for("s3://debates", {})["BACKEND"] == "aws"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("bad", "the address leads to a page without a recording"),
        ("full", "download: the disk is full; make room there, then try again"),
    ],
)
def test_what_fails_says_so_in_the_front_doors_own_sentence(
    newsroom: Newsroom, source: str, sentence: str
) -> None:
    (row,) = newsroom.submit(source)
    newsroom.until("failed")

    assert newsroom.row(row).message == sentence


def test_what_it_says_is_kept_as_text_of_one_line(newsroom: Newsroom) -> None:
    """No database keeps NUL, and colours of a terminal are none on a page."""
    (row,) = newsroom.submit("noise")
    newsroom.until("failed")

    assert newsroom.row(row).message == "the page says red and more"
    assert newsroom.row(row).job_id == ""


def test_a_fault_of_ours_ends_no_keeper(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(module, "AFTER_A_FAULT", 0.01)
    faults = iter([KeyError("a fault"), UnicodeError("another")])
    turn = newsroom.keeper.turn

    def faulty() -> None:
        if fault := next(faults, None):
            raise fault
        turn()

    monkeypatch.setattr(newsroom.keeper, "turn", faulty)
    newsroom.submit("talk")
    newsroom.keeper.start()
    deadline = time.monotonic() + 20
    while newsroom.states() != ["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    newsroom.keeper.stop()

    assert "a fault" in caplog.text


def test_one_that_fails_takes_no_other_with_it(newsroom: Newsroom) -> None:
    newsroom.submit("bad", "talk")

    newsroom.until("failed", "done")


def test_what_waits_is_cancelled_at_once(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("talk")
    newsroom.act(queue.cancel, row)
    newsroom.keeper.turn()

    assert newsroom.states() == ["cancelled"]
    assert not (newsroom.control / "calls.jsonl").exists()


def test_what_is_under_way_is_asked_to_stop_and_goes_on_when_tried_again(
    newsroom: Newsroom,
) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)
    newsroom.until("cancelled")
    assert not alive(pid)
    job = newsroom.row(row).job_id

    newsroom.go()
    newsroom.act(queue.try_again, row)
    newsroom.until("done")

    assert newsroom.row(row).job_id == job


def test_another_keeper_goes_on_with_what_the_first_left_behind(newsroom: Newsroom) -> None:
    """As after `kill -9` of the site: the job works on, and the queue of five loses nothing."""
    first, *_ = newsroom.submit("wait", "1", "2", "3", "4")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(first)
    newsroom.keeper.stop()  # no child of the next one's

    other = newsroom.new_keeper()
    other.turn()
    assert alive(pid)
    assert newsroom.states() == ["running", *["waiting"] * 4]
    newsroom.go()
    newsroom.until(*["done"] * 5, keeper=other)

    sources = [call["arguments"][-1].rpartition("/")[2] for call in newsroom.calls()]
    assert sources == ["wait", "1", "2", "3", "4"]


def test_how_it_ended_is_known_though_nobody_saw_it(newsroom: Newsroom) -> None:
    """As while the site is down, or where another process than its parent works the queue."""
    (row,) = newsroom.submit("bad")
    newsroom.keeper.turn()
    newsroom.until_it_ended(row)
    newsroom.keeper.stop()

    newsroom.until("failed", keeper=newsroom.new_keeper())

    assert newsroom.row(row).message == "the address leads to a page without a recording"
    assert len(newsroom.calls()) == 1


def test_the_end_of_an_earlier_try_is_not_taken_for_the_next_ones(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("bad")
    newsroom.until("failed")
    newsroom.act(queue.try_again, row)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FrontDoor, "start", killed)
        with pytest.raises(KeyboardInterrupt):
            newsroom.keeper.turn()
    newsroom.keeper.stop()
    newsroom.until("failed", keeper=newsroom.new_keeper())

    assert len(newsroom.calls()) == 2


def test_a_site_that_is_restarted_while_a_job_stops_leaves_it_its_time(newsroom: Newsroom) -> None:
    """The front door kills its stage when it is asked twice."""
    (row,) = newsroom.submit("wait/slow")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)
    newsroom.keeper.turn()
    newsroom.keeper.stop()

    other = newsroom.new_keeper()
    for _ in range(3):
        other.turn()
        time.sleep(0.1)
    assert (newsroom.control / "stops").read_text() == "asked\n"
    assert newsroom.states() == ["stopping"]
    newsroom.go()
    newsroom.until("done", keeper=other)


def test_what_does_not_stop_is_asked_once_more(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_door, "ASKED_AGAIN_AFTER", 0.2)
    (row,) = newsroom.submit("wait/slow")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)

    newsroom.until("cancelled")


def test_what_was_killed_with_the_site_is_started_again(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    os.kill(pid, signal.SIGKILL)
    newsroom.until_it_ended(row)
    newsroom.keeper.stop()

    newsroom.go()
    newsroom.until("done", keeper=newsroom.new_keeper())


def test_only_the_machine_of_a_process_stops_it(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines, or two containers, on one store: each has another process of that number."""
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    with newsroom.sessions() as session:
        lease.give_up(session, newsroom.keeper._holder)
    for one in (front_door, module):
        monkeypatch.setattr(one, "HOST", "another")
    elsewhere = newsroom.new_keeper()
    newsroom.act(queue.cancel, row)
    elsewhere.turn()
    time.sleep(0.2)
    assert alive(pid)
    assert newsroom.states() == ["stopping"]

    monkeypatch.undo()
    newsroom.keeper.turn()
    newsroom.until_it_ended(row)
    newsroom.until("cancelled", keeper=elsewhere)


def test_what_another_left_behind_is_cancelled_too(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.keeper.stop()
    newsroom.act(queue.cancel, row)

    other = newsroom.new_keeper()
    other.turn()
    newsroom.until_it_ended(row)
    newsroom.until("cancelled", keeper=other)
    assert len(newsroom.calls()) == 1


def test_of_two_keepers_one_works(newsroom: Newsroom) -> None:
    newsroom.submit("wait", "wait/2")
    other = newsroom.new_keeper()
    for keeper in (newsroom.keeper, other, newsroom.keeper, other):
        keeper.turn()

    assert newsroom.states() == ["running", "waiting"]


def test_whoever_finds_the_front_door_at_work_starts_no_second_one(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)

    assert newsroom.front_door.start(newsroom.row(row), {}) is None


def test_a_folder_that_another_user_put_in_our_place_is_not_used(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a store on S3 the runs lie in the machine's /tmp, where anybody may be first."""
    monkeypatch.setattr(front_door.tempfile, "gettempdir", lambda: str(tmp_path))
    door = FrontDoor("s3://debates", newsroom.front_door.given)
    (tmp_path / "trap").mkdir()
    door.place.symlink_to(tmp_path / "trap")
    newsroom.submit("talk")
    keeper = Keeper(newsroom.sessions, door, 1, {"PATH": os.environ["PATH"]})
    keeper.turn()

    assert newsroom.states() == ["failed"]
    assert "belongs to another user" in newsroom.row(1).message
    assert not list((tmp_path / "trap").iterdir())


def test_without_a_front_door_it_waits(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.submit("talk")
    door = FrontDoor(str(tmp_path), str(tmp_path / "nothing"))
    Keeper(newsroom.sessions, door, 1, {}).turn()

    assert newsroom.states() == ["waiting"]


def test_a_source_in_the_queue_is_not_queued_twice(newsroom: Newsroom) -> None:
    assert newsroom.submit("talk", "talk2") == newsroom.submit("talk", "talk2")


def test_a_scheme_is_the_same_in_capitals(newsroom: Newsroom) -> None:
    assert read_addresses("HTTPS://x.example/Talk\nhttps://x.example/Talk") == [
        "https://x.example/Talk"
    ]


@pytest.mark.parametrize("line", ["https://x.example:99999/", "https://x.example:port/"])
def test_a_port_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        read_addresses(line)


def test_names_of_every_script_are_kept_whole() -> None:
    names = "نمی\u200cشود, हिन्दी\u200d, O\u2019Neill\0"

    assert read_wishes({"names": names}).names.splitlines() == [
        "نمی\u200cشود",
        "हिन्दी\u200d",
        "O\u2019Neill",
    ]


def test_a_source_given_twice_at_once_is_queued_once(newsroom: Newsroom) -> None:
    first, again = newsroom.submit("talk", "talk")

    assert first == again
    assert newsroom.states() == ["waiting"]


def test_what_is_in_the_queue_again_is_not_tried_again_beside_itself(newsroom: Newsroom) -> None:
    (failed,) = newsroom.submit("bad")
    newsroom.until("failed")
    newsroom.submit("bad")

    with pytest.raises(BadInput, match="in the queue again"):
        newsroom.act(queue.try_again, failed)
    assert newsroom.states() == ["failed", "waiting"]


def test_who_is_asked_to_stop_is_never_a_process_of_an_earlier_run(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_door, "_SHELL", "exec sleep 60")  # has not come to say who it is
    (row,) = newsroom.submit("wait")
    run = newsroom.front_door.run_of(newsroom.row(row))
    run.folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (run.folder / "pid").write_text(f"{stranger.pid} {front_door.HOST}")
        child = run.start("debate", [], {"PATH": os.environ["PATH"]})
        assert child
        run.ask_to_stop()
        time.sleep(0.1)
        assert stranger.poll() is None
        stranger.kill()
    child.kill()
    child.wait()


def test_the_queue_has_an_end(newsroom: Newsroom) -> None:
    newsroom.submit(*map(str, range(queue.MOST_WAITING)))

    with pytest.raises(BadInput, match="200 recordings wait already"):
        newsroom.submit("one-more")


def test_what_is_over_cannot_be_cancelled_nor_what_waits_be_removed(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("talk")
    with pytest.raises(BadInput, match="cancel it first"):
        newsroom.act(queue.remove, row)
    with pytest.raises(BadInput, match="only what failed or was cancelled"):
        newsroom.act(queue.try_again, row)
    newsroom.until("done")
    with pytest.raises(BadInput, match="nothing to cancel"):
        newsroom.act(queue.cancel, row)

    newsroom.act(queue.remove, row)
    assert newsroom.states() == []


@pytest.mark.parametrize("act", [queue.cancel, queue.try_again, queue.remove])
def test_what_another_removed_meanwhile_is_not_there(newsroom: Newsroom, act: Any) -> None:
    (row_id,) = newsroom.submit("talk")
    newsroom.act(queue.cancel, row_id)
    with newsroom.sessions() as session:
        row = queue.find(session, row_id)
        newsroom.act(queue.remove, row_id)

        with pytest.raises(InputNotFound, match="no such submission"):
            act(session, row)


def test_one_removed_before_its_turn_comes_holds_up_no_other(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = newsroom.submit("1", "2")
    seen = queue.list_live

    def removed_after_the_look(session: Session) -> list[Submission]:
        rows = seen(session)
        if len(newsroom.states()) == 2:
            newsroom.act(queue.cancel, first)
            newsroom.act(queue.remove, first)
        return rows

    monkeypatch.setattr(queue, "list_live", removed_after_the_look)
    newsroom.keeper.turn()

    assert newsroom.states() == ["running"]


def test_what_is_forgotten_leaves_no_folder_behind(newsroom: Newsroom) -> None:
    gone, kept = newsroom.submit("talk", "talk2")
    newsroom.until("done", "done")
    folders = [newsroom.front_door.run_of(newsroom.row(row)).folder for row in (gone, kept)]
    newsroom.act(queue.remove, gone)
    for folder in folders:
        os.utime(folder, (0, 0))

    newsroom.keeper.tidy()

    assert [folder.exists() for folder in folders] == [False, True]


def test_an_upload_waits_a_week_for_being_tried_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.submit("bad", "talk")
    newsroom.until("failed", "done")
    with newsroom.sessions() as session:
        assert [row.state for row in queue.list_wanted(session)] == ["failed"]
        monkeypatch.setattr(queue, "WANTED_FOR", timedelta(0))
        assert queue.list_wanted(session) == []


def test_a_file_that_another_submission_waits_for_outlives_the_first(newsroom: Newsroom) -> None:
    file = newsroom.root / "uploads" / ("0" * 32) / "wait.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"ftyp")
    with newsroom.sessions() as session:
        for _ in range(2):
            (row,) = queue.submit(session, [str(file.relative_to(newsroom.root))], Wishes())
            row.state = State.FAILED
            session.commit()
        for row in session.query(Submission):
            row.state = State.WAITING
        session.commit()
    newsroom.go()
    while newsroom.states()[0] != "done":
        newsroom.keeper.turn()
        time.sleep(0.02)
    assert file.exists()

    newsroom.until("done", "done")
    assert not file.exists()


def test_the_list_is_bounded(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_KEPT", 2)
    newsroom.submit("1", "2", "3")

    newsroom.until("done", "done")


def test_the_lease_is_one_processs_until_it_runs_out_on_both_databases(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(engine)
    with Session(engine) as one, Session(engine) as two:
        assert lease.take(one, "one")
        assert not lease.take(two, "two")
        assert lease.take(one, "one")

        at = lease.now()
        monkeypatch.setattr(lease, "now", lambda: at + lease.LASTS)
        assert lease.take(two, "two")
        assert not lease.take(one, "one")

        lease.give_up(two, "two")
        assert lease.take(one, "one")


def test_of_two_who_submit_the_same_at_once_one_waits_for_the_other(engine: Engine) -> None:
    upgrade(engine)
    source = ["https://x.example/1"]

    def submit_too() -> int:
        with Session(engine) as session:
            (row,) = queue.submit(session, source, Wishes())
            session.commit()
            return row.id

    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        (row,) = queue.submit(session, source, Wishes())
        late = pool.submit(submit_too)
        with pytest.raises(TimeoutError):
            late.result(0.3)
        session.commit()
        assert late.result(10) == row.id


def test_the_queue_works_on_postgresql_too(engine: Engine) -> None:
    upgrade(engine)
    with Session(engine) as session:
        (row,) = queue.submit(session, ["https://x.example/1"], Wishes())
        session.commit()
        assert queue.move(session, row, [State.WAITING], State.RUNNING)
        assert not queue.move(session, row, [State.WAITING], State.RUNNING)
        queue.cancel(session, row)
        assert [one.state for one in queue.list_live(session)] == ["stopping"]
        queue.move(session, row, queue.UNDER_WAY, State.CANCELLED)
        queue.forget_oldest(session)
        queue.remove(session, row)
        session.commit()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "type the address"),
        ("/etc/passwd", "no address of a recording"),
        ("file:///etc/passwd", "no address of a recording"),
        ("s3://debates/jobs", "no address of a recording"),
        ("--force", "no address of a recording"),
        ("https://", "no address of a recording"),
        ("https://[::1", "no address of a recording"),
        ("https://x.example/a b", "no address of a recording"),
        ("https://me:secret@x.example/a", "leave name and password out"),
        ("https://x.example/" + "a" * 2000, "more than 2000 characters"),
        ("\n".join(f"https://x.example/{n}" for n in range(51)), "51 addresses; send 50"),
    ],
)
def test_what_is_no_address_is_refused(typed: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem) as refused:
        read_addresses(typed)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://me:hunter2@x.example/a.mp4",
        "https:me:hunter2@x.example",
        "me:hunter2@x.example/a.mp4",
        "https://me:hunter2@[x.example",
        "https://me:hunter2\uff20x.example",
        "https://me:hunter2@x.example",
        "https://me:hunter2@x.example:99999/",
    ],
)
def test_a_password_is_not_repeated_in_the_reason(typed: str) -> None:
    """Reasons stand in the site's log."""
    with pytest.raises(BadInput) as refused:
        read_addresses(typed)

    assert "hunter2" not in str(refused.value)


def test_lines_are_addresses_each_once() -> None:
    assert read_addresses(
        "https://a.example/1\r\n\n https://a.example/2 \nhttps://a.example/1"
    ) == [
        "https://a.example/1",
        "https://a.example/2",
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"speakers": "0"}, "1 to 50"),
        ({"speakers": "many"}, "1 to 50"),
        ({"language": "English, please"}, "a code such as en"),
        ({"model": "../../weights"}, "a name such as turbo"),
        ({"model": "--force"}, "a name such as turbo"),
        ({"names": "x" * 20_001}, "more than 20000 characters"),
    ],
)
def test_what_cannot_be_wished_for_is_refused(given: dict[str, str], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        read_wishes(given)


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


def alive(pid: int) -> bool:
    """Whether the process is there, and no zombie of ours."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
