"""Signing in."""

import logging
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clients import CheckedClient
from debate_contract.errors import BadInput, StageError, UsageFault
from debate_webapp.accounts import users
from debate_webapp.accounts.roles import Role
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.models import SignedIn, User
from debate_webapp.settings import Settings
from debate_webapp.site.routing import is_path
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account
from werkzeug.utils import redirect


def test_an_editor_signs_in_and_out(client: CheckedClient) -> None:
    page = client.send("/sign-in", username="editor", password=PASSWORD).text
    assert "Sign out" in page

    assert "Sign in" in client.send("/sign-out").text
    assert "Register by address" not in client.get("/").text


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: CheckedClient) -> None:
    answers = [
        client.send("/sign-in", username=name, password="wrong password")
        for name in ("editor", "nobody")
    ]

    assert [reply.status_code for reply in answers] == [422, 422]
    assert all("do not belong together" in reply.text for reply in answers)


def test_a_cookie_is_worth_nothing_after_signing_out(editor: CheckedClient) -> None:
    stolen = editor.get_cookie("debate_session").value
    editor.send("/sign-out")
    editor.set_cookie("debate_session", stolen)

    assert "Register by address" not in editor.get("/").text
    assert editor.post("/api/v1/people", json={"name": "Eva"}).status_code in (400, 401)


def test_signing_out_here_leaves_the_other_browser_signed_in(editor: CheckedClient) -> None:
    other = editor.application.test_client()
    other.send("/sign-in", username="editor", password=PASSWORD)

    editor.send("/sign-out")

    assert "Register by address" in other.get("/").text


def test_a_session_ends_by_itself_after_a_month(editor: CheckedClient, db: Session) -> None:
    db.execute(update(SignedIn).values(at=datetime.now(UTC) - timedelta(days=31)))
    db.commit()

    assert "Register by address" not in editor.get("/").text


def test_a_proxy_that_the_settings_do_not_know_is_said_once(client, caplog) -> None:
    for _ in range(3):
        client.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.7"})

    assert caplog.text.count("TRUSTED_PROXIES is 0") == 1


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client) -> None:
    data = {"csrf_token": client.token(), "username": "editor", "password": PASSWORD}
    cookie = client.post("/sign-in", data=data).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie

    secure = client.get("/sign-in", base_url="https://debates.example")
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_a_new_password_ends_old_sessions(editor: CheckedClient, db: Session) -> None:
    users.set_password(db, users.get_user(db, "editor"), "another password")
    db.commit()

    assert "Sign out" not in editor.get("/").text
    assert (
        "Sign out" in editor.send("/sign-in", username="editor", password="another password").text
    )


@pytest.mark.parametrize(("name", "password"), [("nobody", PASSWORD), ("editor", "short")])
def test_passwords_that_cannot_be_set_are_refused(db: Session, name: str, password) -> None:
    with pytest.raises(StageError):
        users.set_password(db, users.get_user(db, name), password)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example/phish",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/\u2028/evil.example",
    "/\0/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "/debates/1\r\nX-Injected: yes",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_to_our_own_pages_only(client: CheckedClient, target: str) -> None:
    data = {"csrf_token": client.token(), "username": "editor", "password": PASSWORD}
    reply = client.post("/sign-in", query_string={"next": target}, data=data)

    assert reply.headers["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nor_is_somebody_sent_elsewhere_who_is_signed_in(editor: CheckedClient, target) -> None:
    assert editor.get("/sign-in", query_string={"next": target}).headers["Location"] == "/"


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # most of these leave the site
@given(st.text(alphabet="/\\:.@\t\n\r\0 e%2f?#\u3002\uff0f", max_size=12).map("/".__add__))
def test_a_browser_that_is_sent_to_a_path_stays_here(target: str) -> None:
    assume(is_path(target))
    location = redirect(target).headers["Location"]

    assert location.startswith("/")
    assert not re.sub(r"[\t\r\n]", "", location).replace("\\", "/").startswith("//")


def test_signing_in_leads_back_to_where_one_was(client: CheckedClient) -> None:
    data = {"csrf_token": client.token(), "username": "editor", "password": PASSWORD}
    reply = client.post("/sign-in", query_string={"next": "/debates/3"}, data=data)

    assert reply.headers["Location"] == "/debates/3"


def test_empty_fields_are_named(client: CheckedClient) -> None:
    reply = client.send("/sign-in", username="", password="")

    assert reply.status_code == 422
    assert "Type your username." in reply.text
    assert "Type your password." in reply.text


def test_a_body_that_is_too_large_is_refused(client: CheckedClient) -> None:
    assert client.send("/sign-in", username="x" * 2_000_000).status_code == 413


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("editor", PASSWORD), ("ana", "short"), ("a\0", PASSWORD)],
)
def test_accounts_that_cannot_be_are_refused(db: Session, name: str, password: str) -> None:
    with pytest.raises(BadInput):
        users.add_user(db, name, Role.EDITOR, password)


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    env = {"STORAGE_ROOT": str(tmp_path / "store")}
    first, second = Settings.from_env(env), Settings.from_env(env)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    mode = (tmp_path / "store" / "webapp.secret").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("before", ["nothing", "a file for everyone"])
def test_the_database_is_readable_by_its_owner_only(tmp_path: Path, before: str) -> None:
    path = tmp_path / "webapp.sqlite3"
    if before != "nothing":
        path.touch(0o644)
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM person"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert modes == {f"webapp.sqlite3{end}": 0o600 for end in ("", "-wal", "-shm")}
    engine.dispose()


def test_passwords_never_reach_the_log(client: CheckedClient, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    client.send("/sign-in", username="editor", password="secret-guess-123")
    client.send("/sign-in", username="editor", password=PASSWORD)

    assert "secret-guess" not in caplog.text
    assert PASSWORD not in caplog.text


def test_a_store_that_may_not_be_written_is_named() -> None:
    # Not even root may make files there.
    with pytest.raises(UsageFault, match=r"may not write to the store /sys: change its owner"):
        Settings.from_env({"STORAGE_ROOT": "/sys"})


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("petr", "Petr"),
        ("petr", "petr "),
        ("Zo\u00eb", "zoe\u0308"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("petr", "\uff50\uff45\uff54\uff52"),
        ("Gro\u00df", "GROSS"),
    ],
)
def test_a_name_is_one_however_it_is_typed(
    client: CheckedClient, db: Session, kept: str, typed: str
) -> None:
    make_account(db, kept)

    assert "Sign out" in client.send("/sign-in", username=typed, password=PASSWORD).text
    with pytest.raises(BadInput, match="already"):
        users.add_user(db, typed, Role.READER, PASSWORD)


def test_names_of_before_that_differ_in_case_alone_are_two(db: Session) -> None:
    for name in ("petr", "Petr"):
        db.add(User(username=name, role=Role.READER, password_hash=""))
    db.commit()

    assert [users.get_user(db, name).username for name in ("petr", "Petr")] == ["petr", "Petr"]
    assert users.find_user(db, "PETR") is None


def test_signing_in_again_ends_the_session_before(editor: CheckedClient, db: Session) -> None:
    page = editor.get("/").text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    data = {"csrf_token": token, "username": "editor", "password": PASSWORD}
    editor.post("/sign-in", data=data)

    assert db.scalar(select(func.count()).select_from(SignedIn)) == 1
