"""Sessions on the server, the password that ends them, and what administrators do to accounts."""

import re
from datetime import timedelta

import pytest
from alembic import command
from asking import again, questions
from clients import CheckedClient
from debate_webapp.accounts import users
from debate_webapp.accounts.sign_in import sessions
from debate_webapp.database.base import now
from debate_webapp.database.migrations import config, upgrade
from debate_webapp.database.models import SignedIn, User
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from stores import PASSWORD

OWN = "a password of my own"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_each_session_says_where_and_since_when(editor: CheckedClient) -> None:
    phone = editor.application.test_client()
    data = {"csrf_token": phone.token(), "username": "editor", "password": PASSWORD}
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E Safari/604.1"
    phone.post("/sign-in", data=data, headers={"User-Agent": agent})

    page = editor.get("/account").text

    assert "Safari on iPhone" in page
    assert page.count(">here<") == 1
    assert "127.0.0.1" in page
    assert page.count("last used") == 2


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Chrome/140 Safari/537.36", "Chrome on macOS"),
        ("curl/8.5", "curl"),
        ("<script>alert(1)</script>", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_by_its_name(agent: str, said: str) -> None:
    assert sessions.describe_device(agent) == said


def test_one_session_can_be_ended_and_all_others(editor: CheckedClient, db: Session) -> None:
    others = [editor.application.test_client() for _ in range(3)]
    for other in others:
        other.come_in("editor")
    first = re.search(r"/account/sessions/\w{16}/end", editor.get("/account").text)

    assert "That session is ended." in editor.send(first[0]).text
    signed_in = ["Sign out" in other.get("/").text for other in others]
    assert sorted(signed_in) == [False, True, True]

    editor.send("/account/sessions/end-others")
    assert not any("Sign out" in other.get("/").text for other in others)
    assert "Sign out" in editor.get("/").text


def test_nobody_ends_a_session_of_somebody_else(
    editor: CheckedClient, second: CheckedClient, db: Session
) -> None:
    theirs = db.scalars(select(SignedIn).where(SignedIn.user.has(username="petr"))).one()

    assert editor.send(f"/account/sessions/{theirs.digest[:16]}/end").status_code == 404
    assert editor.send("/account/sessions/%/end").status_code == 404
    assert "Sign out" in second.get("/").text


def test_another_password_signs_out_everywhere_else(editor: CheckedClient, db: Session) -> None:
    other = editor.application.test_client()
    other.come_in("editor")
    fields = {"current": PASSWORD, "password": OWN, "again": OWN}

    assert "Your password is changed." in editor.send("/account/password", **fields).text
    assert "Sign out" not in other.get("/").text
    assert "Sign out" in other.send("/sign-in", username="editor", password=OWN).text


def test_the_current_password_is_asked_for_and_guessing_it_is_braked(editor: CheckedClient) -> None:
    fields = {"password": OWN, "again": OWN}
    replies = [
        editor.send("/account/password", current=f"wrong guess {n}", **fields) for n in range(6)
    ]

    assert [reply.status_code for reply in replies] == [422] * 5 + [429]
    assert "That is not your current password." in replies[0].text
    assert "wrong guess" not in replies[0].text


def test_an_account_has_so_many_sessions_and_no_more(db: Session) -> None:
    user = users.get_user(db, "editor")
    tokens = [sessions.start(db, user, FIREFOX, "") for _ in range(sessions.MOST + 3)]
    db.commit()

    assert db.scalar(select(func.count()).select_from(SignedIn)) == sessions.MOST
    assert sessions.find(db, tokens[-1])


@pytest.mark.parametrize("column", ["at", "seen_at"])
def test_sessions_end_after_a_month_or_two_weeks_unused(
    editor: CheckedClient, db: Session, column: str
) -> None:
    longest = sessions.LONGEST if column == "at" else sessions.UNUSED
    for age, signed_in in ((longest - timedelta(hours=1), True), (longest, False)):
        db.execute(update(SignedIn).values({"at": now(), "seen_at": now(), column: now() - age}))
        db.commit()
        if column == "at":
            db.execute(update(SignedIn).values(seen_at=now()))
            db.commit()
        assert ("Sign out" in editor.get("/").text) is signed_in


def test_a_session_costs_a_page_one_question_and_one_note_a_minute(
    editor: CheckedClient, db: Session
) -> None:
    stranger = editor.application.test_client()

    def asked(client: CheckedClient) -> list[str]:
        with questions(client.application) as found:
            client.get("/people")
        return found

    assert len(asked(editor)) == len(asked(stranger)) + 1
    db.execute(update(SignedIn).values(seen_at=now() - timedelta(minutes=2)))
    db.commit()
    assert any("UPDATE signed_in" in question for question in asked(editor))
    assert not any("UPDATE" in question for question in asked(editor))
    user = db.scalars(select(User).execution_options(populate_existing=True)).one()
    assert now() - user.seen_at < timedelta(minutes=1)


def test_a_session_of_before_it_said_where_goes_on_and_says_it_from_then_on(
    client: CheckedClient, db: Session
) -> None:
    """Migration 0010 let them be: signing out ended those on the server too."""
    client.come_in("editor")
    with client.session_transaction() as cookie:
        digest = sessions.digest_of(cookie["token"])
    command.downgrade(config(db.get_bind()), "0009")
    early = (now() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    db.execute(text("UPDATE signed_in SET at = :early"), {"early": early})
    db.commit()
    upgrade(db.get_bind())

    page = client.get("/account", headers={"User-Agent": FIREFOX}).text

    assert "Sign out" in page
    one = db.scalars(select(SignedIn).where(SignedIn.digest == digest)).one()
    assert (one.device, one.address) == ("Firefox on Linux", "127.0.0.1")


def test_a_page_is_read_though_nobody_can_note_who_was_there(
    editor: CheckedClient, db: Session
) -> None:
    db.execute(update(SignedIn).values(seen_at=now() - timedelta(minutes=2)))
    db.commit()
    first = editor.get("/people")
    db.execute(update(SignedIn).values(seen_at=now() - timedelta(minutes=2)))  # and holds the lock

    assert again(editor, "/people", first).status_code == 304
    db.rollback()


def test_an_administrator_changes_a_role_at_once(
    administrator: CheckedClient, editor: CheckedClient
) -> None:
    assert "Register by address" in editor.get("/").text

    page = administrator.send("/accounts/1/role", role="reader")

    assert "editor is reader now." in page.text
    assert "Register by address" not in editor.get("/").text
    assert administrator.send("/accounts/1/role", role="chief").status_code == 400
    assert administrator.send("/accounts/99/role", role="reader").status_code == 404


def test_who_is_suspended_is_out_at_once_and_does_not_come_in(
    administrator: CheckedClient, editor: CheckedClient
) -> None:
    administrator.send("/accounts/1/suspend")
    assert "Sign out" not in editor.get("/").text
    assert editor.send("/sign-in", username="editor", password=PASSWORD).status_code == 422
    assert "suspended" in administrator.get("/accounts").text

    administrator.send("/accounts/1/restore")
    assert "Sign out" in editor.send("/sign-in", username="editor", password=PASSWORD).text


def test_an_administrator_signs_somebody_out(
    administrator: CheckedClient, editor: CheckedClient
) -> None:
    administrator.send("/accounts/1/sessions/end")

    assert "Sign out" not in editor.get("/").text


@pytest.mark.parametrize("act", [("role", {"role": "editor"}), ("suspend", {})])
def test_the_last_administrator_stays_one(
    administrator: CheckedClient, db: Session, act: tuple[str, dict[str, str]]
) -> None:
    chief = users.get_user(db, "chief")

    page = administrator.send(f"/accounts/{chief.id}/{act[0]}", **act[1])

    assert page.status_code == 422
    assert "Chief is the only administrator" in page.text
    assert administrator.get("/accounts").status_code == 200
