"""Guessing passwords is braked, and shuts nobody out who has theirs."""

from pathlib import Path

import pytest
from clients import CheckedClient
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import brake, passwords
from debate_webapp.accounts.sign_in.brake import TooManyAttempts
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.accounts.users import add_user
from debate_webapp.database.base import now
from debate_webapp.database.models import AuditEntry, FailedSignIn, User
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account


def test_every_name_costs_one_password_check_whoever_has_it(db: Session, monkeypatch) -> None:
    make_account(db, "suspended").suspended_at = now()
    add_user(db, "of the directory", Role.EDITOR, subject="1")
    for user in db.scalars(select(User).where(User.password_hash != "")):
        user.password_hash = passwords.hash_password(PASSWORD)
    checked = []
    real = passwords.check_password_hash
    monkeypatch.setattr(
        passwords, "check_password_hash", lambda h, p: checked.append(h) or real(h, p)
    )

    names = ("nobody", "", "\x7f", "editor", "EDITOR ", "suspended", "of the directory")
    counted = []
    for name in names:
        authenticate(db, name, "wrong", "192.0.2.1")
        counted.append(len(checked))

    assert counted == [*range(1, len(names) + 1)]
    assert {h.split("$")[0] for h in checked} == {"scrypt:32768:8:1"}


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(client: CheckedClient) -> None:
    for _ in range(brake.NETWORK_LIMIT):
        client.send("/sign-in", username="editor", password="wrong password")

    reply = client.send("/sign-in", username="editor", password=PASSWORD)

    assert reply.status_code == 429
    assert "Try again in 15 minutes" in reply.text
    assert reply.headers["Retry-After"] == "900"


@pytest.fixture
def quick(monkeypatch) -> list[str]:
    """The passwords that were checked, without the time that a check takes."""
    checked: list[str] = []
    monkeypatch.setattr(
        passwords,
        "check_password_hash",
        lambda _, typed: checked.append(typed) or typed == PASSWORD,
    )
    return checked


def test_guessing_elsewhere_does_not_lock_an_editor_out(db: Session, quick) -> None:
    for _ in range(brake.NETWORK_LIMIT):
        authenticate(db, "editor", "wrong", "192.0.2.1")

    found = authenticate(db, "editor", PASSWORD, "192.0.2.2")
    assert found is not None
    assert found.username == "editor"
    with pytest.raises(TooManyAttempts):
        authenticate(db, "editor", PASSWORD, "192.0.2.1")


def test_guessing_other_names_shuts_nobody_out(db: Session, quick) -> None:
    for number in range(60):
        authenticate(db, f"name {number}", "wrong", "192.0.2.1")

    assert authenticate(db, "editor", PASSWORD, "192.0.2.1")


def test_a_name_guessed_from_everywhere_is_shut(db: Session, quick) -> None:
    for number in range(brake.NAME_LIMIT):
        authenticate(db, "editor", "wrong", f"192.0.2.{number}")

    with pytest.raises(TooManyAttempts):
        authenticate(db, "editor", "wrong", "203.0.113.1")
    assert len(quick) == brake.NAME_LIMIT


def test_addresses_of_one_subscriber_are_one(db: Session, quick) -> None:
    for number in range(brake.NETWORK_LIMIT):
        authenticate(db, "editor", "wrong", f"2001:db8:1:2:{number}::1")

    with pytest.raises(TooManyAttempts):
        authenticate(db, "editor", PASSWORD, "2001:db8:1:2:ffff::")
    assert authenticate(db, "editor", PASSWORD, "2001:db8:1:3::1")


def test_right_passwords_do_not_count(db: Session, quick) -> None:
    for _ in range(brake.NETWORK_LIMIT * 2):
        assert authenticate(db, "editor", PASSWORD, "192.0.2.1")


def test_trying_while_shut_out_does_not_make_it_longer(db: Session, quick) -> None:
    for _ in range(brake.NETWORK_LIMIT):
        authenticate(db, "editor", "wrong", "192.0.2.1")
    before = db.scalar(select(func.count()).select_from(FailedSignIn))

    with pytest.raises(TooManyAttempts):
        authenticate(db, "editor", "wrong", "192.0.2.1")

    assert db.scalar(select(func.count()).select_from(FailedSignIn)) == before


def test_what_was_typed_as_a_name_is_kept_nowhere(db: Session, quick, root: Path) -> None:
    authenticate(db, "a password typed too early", "wrong", "192.0.2.1")

    assert not any(b"typed too early" in file.read_bytes() for file in root.iterdir())


def test_a_browser_that_signed_in_before_is_shut_out_by_nobody(client: CheckedClient) -> None:
    """Not even by guesses from its own network, in its own name."""
    client.send("/sign-in", username="editor", password=PASSWORD)
    client.send("/sign-out")
    stranger = client.application.test_client()
    for _ in range(brake.NETWORK_LIMIT + 1):
        refused = stranger.send("/sign-in", username="editor", password="wrong password")
    assert refused.status_code == 429

    assert "Sign out" in client.send("/sign-in", username="editor", password=PASSWORD).text


def test_the_mark_of_a_browser_is_for_one_account_and_cannot_be_made_up(
    client: CheckedClient, db: Session
) -> None:
    make_account(db, "petr")
    client.send("/sign-in", username="editor", password=PASSWORD)
    mark = client.get_cookie("debate_browser").value
    stranger = client.application.test_client()
    for _ in range(brake.NETWORK_LIMIT):
        stranger.send("/sign-in", username="petr", password="wrong password")
    for value in (mark, mark[::-1], "{}", "", "e30.aa.bb"):
        stranger.set_cookie("debate_browser", value)
        reply = stranger.send("/sign-in", username="petr", password=PASSWORD)
        assert reply.status_code == 429


def test_guessing_in_a_browser_with_a_mark_is_braked_too(db: Session, quick) -> None:
    for _ in range(brake.BROWSER_LIMIT):
        authenticate(db, "editor", "wrong", "192.0.2.1", "a-mark")

    with pytest.raises(TooManyAttempts):
        authenticate(db, "editor", PASSWORD, "192.0.2.1", "a-mark")
    assert authenticate(db, "editor", PASSWORD, "192.0.2.1", "another-mark")


def test_a_flood_of_names_makes_the_tables_no_larger(db: Session, quick, monkeypatch) -> None:
    monkeypatch.setattr(brake, "MOST", 10)
    for number in range(20):
        authenticate(db, f"name {number}", "wrong", f"192.0.2.{number}")

    assert db.scalar(select(func.count()).select_from(FailedSignIn)) <= 10
    assert db.scalar(select(func.count()).select_from(AuditEntry)) <= 3


def test_refused_tries_push_out_none_that_count(engine: Engine, quick, monkeypatch) -> None:
    """They cost nearly nothing, so anybody could make as many as there is place for."""
    monkeypatch.setattr(brake, "MOST", 20)
    with Session(engine) as db:
        make_account(db, "editor")
        for _ in range(brake.NETWORK_LIMIT):
            authenticate(db, "editor", "wrong", "192.0.2.1")

        for _ in range(30):
            with pytest.raises(TooManyAttempts):
                authenticate(db, "editor", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize("name", ["editor\0192.0.2.9", "editor\0network\0192.0.2.9"])
def test_a_name_with_somebodys_network_in_it_shuts_nobody_out(db: Session, quick, name) -> None:
    for number in range(brake.NETWORK_LIMIT):
        authenticate(db, name, "wrong", f"198.51.100.{number}")

    assert authenticate(db, "editor", PASSWORD, "192.0.2.9")


def test_a_name_typed_in_other_ways_gets_no_more_tries(db: Session, quick) -> None:
    for name in ("editor", "Editor", " editor", "EDITOR", "\uff45ditor"):
        authenticate(db, name, "wrong", "192.0.2.1")

    with pytest.raises(TooManyAttempts):
        authenticate(db, "eDitor", PASSWORD, "192.0.2.1")
