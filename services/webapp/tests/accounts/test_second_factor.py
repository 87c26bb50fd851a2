"""The second factor: turned on, asked for, recovered from."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
from clients import CheckedClient
from debate_webapp.accounts import users
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import second_factor
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.database.models import RecoveryCode, User
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account

KEY = "k" * 32
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def secret_on(page: str) -> str:
    return re.search(r"Key: <code>(\w+)</code>", page)[1]


def turn_on(client: CheckedClient) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(secret_on(client.get("/account/second-factor").text))
    page = client.send("/account/second-factor/on", code=totp.now(), current=PASSWORD)
    codes = re.findall(r"<li><code>(\w{8}-\w{8})</code></li>", page.text)
    assert len(codes) == second_factor.RECOVERY_CODES
    return totp, codes


def forget_last_code(db: Session) -> None:
    """As if half a minute had gone by."""
    db.execute(update(User).values(code_step=0))
    db.commit()


@pytest.fixture
def phone(editor: CheckedClient) -> CheckedClient:
    """Another browser of the editor, signed out."""
    other = editor.application.test_client()
    assert isinstance(other, CheckedClient)
    return other


def first_step(client: CheckedClient) -> None:
    page = client.send("/sign-in", username="editor", password=PASSWORD)
    assert page.request.path == "/sign-in/code"
    assert "Sign out" not in page.text


def test_after_the_password_a_code_is_asked_for(
    editor: CheckedClient, phone: CheckedClient, db: Session
) -> None:
    totp, _ = turn_on(editor)
    forget_last_code(db)
    first_step(phone)
    assert "Sign out" not in phone.get("/").text, "the password alone opens nothing"
    assert phone.get("/account").status_code == 303

    wrong = phone.send("/sign-in/code", code="000000")
    assert wrong.status_code == 422
    assert "Sign out" in phone.send("/sign-in/code", code=totp.now()).text


def test_a_code_is_good_once(editor: CheckedClient, phone: CheckedClient, db: Session) -> None:
    totp, _ = turn_on(editor)
    first_step(phone)
    assert phone.send("/sign-in/code", code=totp.now()).status_code == 422, (
        "it turned the factor on"
    )

    forget_last_code(db)
    code = totp.now()
    assert "Sign out" in phone.send("/sign-in/code", code=code).text
    phone.send("/sign-out")
    first_step(phone)
    assert "was used already" in phone.send("/sign-in/code", code=code).text


def test_a_recovery_code_is_good_once(editor: CheckedClient, phone: CheckedClient) -> None:
    _, codes = turn_on(editor)
    for code, good in ((codes[0], True), (codes[0], False), (codes[1].upper(), True)):
        first_step(phone)
        assert ("Sign out" in phone.send("/sign-in/code", code=code).text) is good
        phone.send("/sign-out")


def test_of_two_with_one_code_at_once_one_gets_in(engine: Engine) -> None:
    with Session(engine) as session:
        user = make_account(session, "ana")
        code = pyotp.TOTP(SECRET).now()
        codes = second_factor.turn_on(session, user, SECRET, code, KEY)
        user.code_step = 0
        session.commit()

    def at_once(code: str) -> list[bool]:
        gate = Barrier(4)

        def use(_: int) -> bool:
            with Session(engine) as session:
                user = users.get_user(session, "ana")
                gate.wait()
                return second_factor.use_code(session, user, code, KEY)

        with ThreadPoolExecutor(4) as pool:
            return sorted(pool.map(use, range(4)))

    assert at_once(pyotp.TOTP(SECRET).now()) == [False, False, False, True]
    assert at_once(codes[0]) == [False, False, False, True]


@given(st.integers(10**6, 2 * 10**9), st.integers(-200, 200))
def test_a_code_fits_for_its_half_minute_and_the_ones_beside(at: int, away: int) -> None:
    made, read = at // 30, (at + away) // 30
    code = pyotp.TOTP(SECRET).at(at)
    found = second_factor.step_of(SECRET, code, at + away)

    if abs(made - read) <= 1:
        assert found is not None
    else:
        assert found is None or pyotp.TOTP(SECRET).generate_otp(found) == code


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\u0661" * 6, "0" * 40])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert second_factor.step_of(SECRET, code, time.time()) is None


def test_guessing_codes_is_braked(editor: CheckedClient, phone: CheckedClient) -> None:
    turn_on(editor)
    first_step(phone)
    replies = [phone.send("/sign-in/code", code=f"{n:06}").status_code for n in range(6)]

    assert replies == [422] * 5 + [429]


def test_the_second_step_without_the_first_leads_to_the_first(client: CheckedClient) -> None:
    for page in (client.get("/sign-in/code"), client.send("/sign-in/code", code="000000")):
        assert "Type your password" not in page.text
        assert page.status_code == 303 or page.request.path == "/sign-in"


def test_the_first_step_does_not_last(
    editor: CheckedClient, phone: CheckedClient, monkeypatch: pytest.MonkeyPatch, db: Session
) -> None:
    totp, _ = turn_on(editor)
    first_step(phone)
    forget_last_code(db)
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)

    assert phone.send("/sign-in/code", code=totp.at(later)).request.path == "/sign-in"


def test_turning_it_on_needs_the_password_and_a_code_that_fits(editor: CheckedClient) -> None:
    totp = pyotp.TOTP(secret_on(editor.get("/account/second-factor").text))
    path = "/account/second-factor/on"
    assert "That is not your password." in editor.send(path, code=totp.now(), current="x").text
    page = editor.send(path, code="000000", current=PASSWORD)
    assert "That code does not fit." in page.text
    assert secret_on(page.text) == totp.secret, "the phone has this one already"


def test_turning_it_off_needs_the_password(
    editor: CheckedClient, phone: CheckedClient, db: Session
) -> None:
    turn_on(editor)
    assert editor.send("/account/second-factor/off", current="wrong").status_code == 422
    first_step(phone)

    editor.send("/account/second-factor/off", current=PASSWORD)

    assert "Sign out" in phone.send("/sign-in", username="editor", password=PASSWORD).text
    assert db.scalars(select(RecoveryCode)).all() == []


def test_an_administrator_turns_it_off_for_whoever_lost_the_phone(
    editor: CheckedClient, phone: CheckedClient, db: Session
) -> None:
    turn_on(editor)
    make_account(db, "chief", role=Role.ADMINISTRATOR)
    phone.come_in("chief")
    assert "second factor" in phone.get("/accounts").text

    assert "asks for no code" in phone.send("/accounts/1/second-factor/off").text

    phone.send("/sign-out")
    assert "Sign out" in phone.send("/sign-in", username="editor", password=PASSWORD).text


def test_neither_secret_nor_codes_are_kept_as_they_are(
    editor: CheckedClient, db: Session, root
) -> None:
    totp, codes = turn_on(editor)
    kept = b"".join(file.read_bytes() for file in root.glob("webapp.sqlite3*"))

    assert totp.secret.encode() not in kept
    assert not any(code.encode() in kept for code in codes)


def test_no_name_is_counted_as_somebodys_codes(
    editor: CheckedClient, phone: CheckedClient, db: Session
) -> None:
    totp, _ = turn_on(editor)
    for number in range(20):
        for name in ("code of 1", "1"):
            authenticate(db, name, "a wrong password", f"192.0.2.{number}")
    forget_last_code(db)
    first_step(phone)
    phone.delete_cookie("debate_browser")

    assert "Sign out" in phone.send("/sign-in/code", code=totp.now()).text


def test_under_another_secret_key_recovery_codes_still_fit(
    editor: CheckedClient, db: Session
) -> None:
    totp, codes = turn_on(editor)
    forget_last_code(db)
    user = users.get_user(db, "editor")

    assert not second_factor.use_code(db, user, totp.now(), "another key")
    assert second_factor.use_code(db, user, codes[0], "another key")


def test_the_first_step_ends_with_the_password_that_was_shown(
    editor: CheckedClient, phone: CheckedClient, db: Session
) -> None:
    _, codes = turn_on(editor)
    first_step(phone)
    users.set_password(db, users.get_user(db, "editor"), "another password")
    db.commit()

    page = phone.send("/sign-in/code", code=codes[0])

    assert "Sign out" not in page.text
    assert page.request.path == "/sign-in"
