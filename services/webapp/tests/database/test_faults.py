"""Two at once, a database that is busy, away or full, and requests that no row can answer."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from unittest.mock import Mock

import pytest
from clients import CheckedClient
from debate_webapp import create_app
from debate_webapp.accounts.sign_in import brake, passwords
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.database.engine import LOOK_SECONDS, begin_writing
from debate_webapp.database.models import DebateFigures, Person, Transcript
from debate_webapp.settings import Settings
from flask import Flask
from servers import free_port
from sqlalchemy import Engine, delete, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account

AT_ONCE = 12


@pytest.fixture
def app(engine: Engine, root: Path) -> Iterator[Flask]:
    """The site on a database of either kind."""
    with Session(engine) as session:
        make_account(session, "editor", PASSWORD)
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(storage_root=str(root), database_url=url, secret_key="k" * 32))
    yield app
    app.extensions["debate_sessions"].kw["bind"].dispose()


def at_once(client: CheckedClient, ask: Callable[[CheckedClient, str], int]) -> list[int]:
    """The statuses of as many requests by one editor, all begun at the same moment."""
    cookie = client.get_cookie("debate_session")
    assert cookie
    start = Barrier(AT_ONCE)

    def one(_: int) -> int:
        other = client.application.test_client()
        other.set_cookie("debate_session", cookie.value)
        assert isinstance(other, CheckedClient)
        token = other.token()
        start.wait()
        return ask(other, token)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def test_people_of_one_name_are_made_at_once_by_the_api(editor: CheckedClient, engine) -> None:
    def ask(client: CheckedClient, token: str) -> int:
        headers = {"X-CSRFToken": token}
        return client.post(
            "/api/v1/people", json={"name": "Jan Novák"}, headers=headers
        ).status_code

    assert at_once(editor, ask) == [201] * AT_ONCE
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == AT_ONCE


def test_a_new_name_is_given_at_once_by_forms(debate: CheckedClient) -> None:
    def ask(client: CheckedClient, token: str) -> int:
        data = {"csrf_token": token, "name": "Jan", "version": 1, "client_id": os.urandom(8).hex()}
        return client.post("/debates/1/speakers/SPEAKER_00", data=data).status_code

    assert set(at_once(debate, ask)) <= {303, 409}


def test_a_debate_is_registered_at_once_by_forms(editor, make_job, engine) -> None:
    uri = str(make_job())

    def ask(client: CheckedClient, token: str) -> int:
        data = {"csrf_token": token, "uri": uri}
        return client.post("/debates", data=data).status_code

    assert set(at_once(editor, ask)) == {303}
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Transcript)) == 1


def test_a_debate_is_registered_at_once_by_the_api(editor, make_job) -> None:
    uri = str(make_job())

    def ask(client: CheckedClient, token: str) -> int:
        headers = {"X-CSRFToken": token}
        return client.post("/api/v1/transcripts", json={"uri": uri}, headers=headers).status_code

    assert at_once(editor, ask) == [200] * (AT_ONCE - 1) + [201]


def test_of_many_guesses_at_once_five_are_tried(app: Flask, engine: Engine, monkeypatch) -> None:
    tried = []
    monkeypatch.setattr(passwords, "check_password_hash", lambda _, typed: tried.append(typed))

    def guess(number: int) -> None:
        with Session(engine) as session, suppress(brake.TooManyAttempts):
            authenticate(session, "editor", f"guess {number}", "192.0.2.1")

    for _ in range(3):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(guess, range(40)))

    assert len(tried) <= brake.NETWORK_LIMIT


# --- what no row can answer ---

BEYOND = (2**31, 2**63, 10**30)
# What nobody sends by accident.
ODD = ("a\0b", "\ud800", 10**30, -1, None, [], {}, True, 1e308)


def test_an_id_that_no_row_has_is_the_address_of_nothing(client: CheckedClient) -> None:
    paths = ["/debates/{}", "/debates/{}/figures", "/debates/{}/captions.vtt"]
    paths += ["/api/v1/transcripts/{}", "/api/v1/transcripts/{}/export.csv", "/api/v1/media/{}"]

    found = {client.get(path.format(n)).status_code for path in paths for n in BEYOND}

    assert found == {404}


def test_a_cursor_that_no_answer_had_is_refused(client: CheckedClient) -> None:
    cursors = [*BEYOND, -1, "x", "1.5", ""]

    found = {
        client.get(f"{path}?cursor={cursor}").status_code
        for path in ("/", "/api/v1/transcripts")
        for cursor in cursors
    }

    assert found == {400}


def test_what_is_no_text_is_the_address_of_nothing(client: CheckedClient) -> None:
    odd = ["a%00b", "%ed%a0%80", "%ff", "%0d%0a"]
    forms = ["/people/{}", "/api/v1/people/{}", "/api/v1/people/{}/stats", "/static/{}"]
    forms += ["/api/v1/transcripts/1/export.{}"]

    found = {client.get(form.format(text)).status_code for form in forms for text in odd}

    assert found == {404}


def test_a_name_that_nobody_can_have_is_a_wrong_name(client: CheckedClient) -> None:
    for username in ("edi\0tor", "\ufffd", "x" * 80):
        assert client.send("/sign-in", username=username, password=PASSWORD).status_code == 422


def test_a_client_id_that_nobody_makes_is_refused(debate: CheckedClient) -> None:
    for odd in ("\0", "a\0b", "x" * 65, "x\n", "ř"):
        named = {"name": "Eva", "version": 1, "client_id": odd}
        assert debate.send("/debates/1/publication/on", client_id=odd).status_code == 400
        assert debate.send("/debates/1/speakers/SPEAKER_00", **named).status_code == 400


def test_json_that_is_nested_too_deep_is_refused(editor: CheckedClient) -> None:
    headers = {"X-CSRFToken": editor.token(), "Content-Type": "application/json"}
    for deep in ("[" * 400_000, '{"a":' * 100_000, "[" * 200_000 + "]" * 200_000):
        assert editor.post("/api/v1/people", data=deep, headers=headers).status_code == 400


@pytest.mark.parametrize("field", ["person", "version", "client_id", "command", "versions"])
def test_a_command_of_anything_is_answered(debate: CheckedClient, field: str) -> None:
    path, headers = "/api/v1/transcripts/1", {"X-CSRFToken": debate.token()}
    mapping = {"person": None, "version": 1, "client_id": "c"}
    command = {"command": "mark_reviewed", "arguments": {"segment": 1, "reviewed": True}}
    command |= {"versions": {"1": 1}, "client_id": "d"}
    for value in ODD:
        changed = {field: value}
        named = debate.put(f"{path}/speakers/SPEAKER_00", json=mapping | changed, headers=headers)
        edited = debate.post(f"{path}/commands", json=command | changed, headers=headers)
        assert (named.status_code < 500, edited.status_code < 500) == (True, True), value


def test_nul_in_a_transcript_is_left_out(editor: CheckedClient, make_job) -> None:
    path = make_job(media={"source": {"url": "https://videos.example/\0", "title": "Buses\0"}})
    path.write_text(path.read_text().replace('"id": 0', r'"id": "\u0000a"'))

    assert editor.send("/debates", uri=str(path)).status_code == 200


# --- a database that cannot just now ---

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def pragma(app: Flask, setting: str) -> None:
    """For every connection that the site makes from now on."""
    bind = app.extensions["debate_sessions"].kw["bind"]
    bind.dispose()
    event.listen(bind, "connect", lambda connection, _: connection.execute(f"PRAGMA {setting}"))


def add(editor: CheckedClient, name: str):
    return editor.send_json("POST", "/api/v1/people", {"name": name})


@on_sqlite
def test_a_database_that_another_writes_is_busy(
    editor: CheckedClient, engine: Engine, monkeypatch
) -> None:
    monkeypatch.setattr("debate_webapp.database.engine.ELSEWHERE_SECONDS", 0.05)
    with engine.begin() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        reply = add(editor, "Eva")
        page = editor.send("/sign-in", username="editor", password="wrong password")

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert reply.json["detail"] == "The database is busy; try again in a few seconds."
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "The database is busy; try again in a few seconds." in page.text
    assert add(editor, "Eva").status_code == 201


@on_sqlite
def test_a_writer_comes_right_after_another_process(engine: Engine, monkeypatch) -> None:
    """SQLite's own pauses grow to a tenth of a second, in which others come first."""
    looks = []
    with engine.connect() as other, Session(engine) as session:
        other.exec_driver_sql("BEGIN IMMEDIATE")

        def sleep(seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 3:
                other.rollback()

        monkeypatch.setattr("debate_webapp.database.engine.time.sleep", sleep)
        begin_writing(session)

    assert looks == [LOOK_SECONDS] * 3


@on_sqlite
def test_while_one_waits_for_another_program_nobody_waits_behind_them(
    engine: Engine, monkeypatch
) -> None:
    monkeypatch.setattr("debate_webapp.database.engine.ELSEWHERE_SECONDS", 3)

    def wait(_: int) -> float:
        began = time.monotonic()
        with Session(engine) as session, pytest.raises(OperationalError, match="locked"):
            begin_writing(session)
        return time.monotonic() - began

    with engine.connect() as other, ThreadPoolExecutor(8) as pool:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        waited = list(pool.map(wait, range(8)))
    assert 3 <= max(waited) < 6
    assert sorted(waited)[-2] < 3, "the others are told sooner"


@on_sqlite
def test_nothing_leaves_by_an_account_that_cannot_be_recorded(
    debate, engine: Engine, monkeypatch
) -> None:
    monkeypatch.setattr("debate_webapp.database.engine.ELSEWHERE_SECONDS", 0.05)
    path = "/api/v1/transcripts/1/export.rttm"
    with engine.begin() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        refused = debate.get(path)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert debate.get(path).status_code == 200


@on_sqlite
def test_a_reader_waits_for_no_writer(debate: CheckedClient, engine: Engine) -> None:
    """Figures that are nowhere kept are computed and shown, and kept when there is time."""
    pragma(debate.application, "busy_timeout=3600000")
    paths = ["/debates/1", "/debates/1/figures", "/debates/1/captions.vtt"]
    with Session(engine) as session:
        session.execute(delete(DebateFigures))
        session.commit()

    with ThreadPoolExecutor(1) as pool, engine.begin() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        replies = [pool.submit(debate.get, path) for path in paths]
        assert [reply.result(timeout=60).status_code for reply in replies] == [200] * 3

    debate.get("/debates/1")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(DebateFigures)) == 1


@on_sqlite
def test_a_full_disk_is_called_that(editor: CheckedClient, engine: Engine) -> None:
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    pragma(editor.application, f"max_page_count={pages}")

    replies = [add(editor, f"{number:0200}") for number in range(60)]

    assert {reply.status_code for reply in replies} == {201, 507}
    assert "disk is full" in replies[-1].json["detail"]
    assert editor.get("/").status_code == 200


@on_postgresql
@pytest.mark.parametrize(("code", "status"), [("53100", 507), ("40P01", 503), ("57P03", 503)])
def test_what_the_server_cannot_do_is_called_by_its_name(
    editor: CheckedClient, engine: Engine, code: str, status: int
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON person EXECUTE FUNCTION refuse();
        """)
        )
    try:
        assert add(editor, "Eva").status_code == status
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION refuse CASCADE"))
    assert add(editor, "Eva").status_code == 201


@on_postgresql
def test_connections_that_were_cut_are_made_anew(editor: CheckedClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )

    assert editor.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/debates/1", "/api/v1/transcripts", "/healthz"])
@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://test@127.0.0.1:{}/x", "sqlite:////nowhere/x"]
)
def test_without_its_database_the_site_says_so(root: Path, path: str, url: str) -> None:
    settings = Settings(str(root), url.format(free_port()), "k" * 32)
    app = create_app(settings)
    app.test_client_class = CheckedClient

    reply = app.test_client().get(path)

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert "The database cannot be reached; try again in a few seconds." in reply.text


def test_a_database_that_was_never_migrated_is_a_fault_of_ours(tmp_path: Path, caplog) -> None:
    app = create_app(Settings(str(tmp_path), f"sqlite:///{tmp_path}/new.sqlite3", "k" * 32))

    assert app.test_client().get("/").status_code == 500
    assert "no such table" in caplog.text


def test_a_disk_without_room_is_called_that_wherever_it_lies(editor, make_job) -> None:
    """As the store's disk would say it."""
    store = editor.application.extensions["debate_store"]
    store.read = Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    reply = editor.send_json("POST", "/api/v1/transcripts", {"uri": str(make_job())})

    assert reply.status_code == 507
    assert "disk is full" in reply.json["detail"]
