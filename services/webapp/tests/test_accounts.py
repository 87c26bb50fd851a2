"""Signing in."""

import logging
import re
import stat
from pathlib import Path

import pytest
from conftest import PASSWORD, CheckedClient
from debate_webapp.database.models import User
from debate_webapp.errors import UsageFault
from debate_webapp.settings import Settings
from debate_webapp.site.auth import accounts
from debate_webapp.site.routing import is_path
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
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


def test_an_unknown_name_costs_a_password_check_too(db: Session, monkeypatch) -> None:
    checked = []
    real = accounts.check_password_hash
    monkeypatch.setattr(
        accounts, "check_password_hash", lambda h, p: checked.append(h) or real(h, p)
    )

    accounts.authenticate(db, "nobody", "wrong", "192.0.2.1")
    accounts.authenticate(db, "editor", "wrong", "192.0.2.1")

    assert [h.split("$")[0] for h in checked] == [checked[1].split("$")[0]] * 2


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(client: CheckedClient) -> None:
    for _ in range(accounts.NAME_LIMIT):
        client.send("/sign-in", username="editor", password="wrong password")

    reply = client.send("/sign-in", username="editor", password=PASSWORD)

    assert reply.status_code == 429
    assert "Try again in 15 minutes" in reply.text


def test_guessing_elsewhere_does_not_lock_an_editor_out(db: Session) -> None:
    for _ in range(accounts.NAME_LIMIT):
        accounts.authenticate(db, "editor", "wrong", "192.0.2.1")

    found = accounts.authenticate(db, "editor", PASSWORD, "192.0.2.2")
    assert found is not None
    assert found.username == "editor"
    with pytest.raises(accounts.TooManyAttempts):
        accounts.authenticate(db, "editor", PASSWORD, "192.0.2.1")


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
    user = db.scalars(select(User)).one()
    user.password_hash = accounts.generate_password_hash("another password")
    db.commit()

    assert "Sign out" not in editor.get("/").text


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


@pytest.mark.parametrize(("name", "password"), [("", None), ("editor", None), ("ana", "short")])
def test_accounts_that_cannot_be_are_refused(db: Session, name: str, password: str | None) -> None:
    with pytest.raises(UsageFault):
        accounts.add_editor(db, name, password)


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    env = {"STORAGE_ROOT": str(tmp_path / "store")}
    first, second = Settings.from_env(env), Settings.from_env(env)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    mode = (tmp_path / "store" / "webapp.secret").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


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
