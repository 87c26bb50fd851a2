"""Signing in by the house's directory: a real provider of OpenID Connect on loopback."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import requests
from clients import CheckedClient
from debate_contract.errors import UsageFault
from debate_webapp.accounts import audit, users
from debate_webapp.accounts.roles import Permission, Role
from debate_webapp.accounts.sign_in import links, tokens
from debate_webapp.accounts.sign_in.directory import Directory
from debate_webapp.settings import Settings
from servers import free_port
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account
from werkzeug.test import TestResponse

PEOPLE = [
    {"sub": "1", "preferred_username": "ana", "groups": ["staff", "desk"]},
    {"sub": "2", "preferred_username": "petr", "groups": ["staff"]},
    {"sub": "3", "preferred_username": "editor", "groups": ["desk"]},
    {"sub": "4", "email": "eva@news.example", "groups": ["desk", "chiefs"]},
    {"sub": "5", "preferred_username": "a\u0000b", "groups": "desk"},
    {"sub": "6", "preferred_username": "jan"},
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    command = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", str(port)]
    for person in PEOPLE:
        command += ["--user-claims", json.dumps(person)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait_for(f"{address}/.well-known/openid-configuration")
        yield address
        process.terminate()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def environment(issuer: str) -> dict[str, str]:
    return {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "debates",
        "OIDC_CLIENT_SECRET": "a secret of the house",
        "OIDC_ROLES": "desk=editor, chiefs = administrator",
        "OIDC_NAME": "your News account",
    }


@pytest.fixture
def settings(root: Path, issuer: str) -> Settings:
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "ALLOWED_HOSTS": "localhost"}
    return Settings.from_env(env | environment(issuer))


def at_the_directory(client: CheckedClient, sub: str, start: str = "/sign-in/house") -> str:
    """Sign in there as somebody; the path by which the directory sends them back."""
    off = client.get(start)
    assert off.status_code == 302
    back = requests.post(
        off.headers["Location"], data={"sub": sub}, allow_redirects=False, timeout=20
    )
    there = urlsplit(back.headers["Location"])
    return f"{there.path}?{there.query}"


def come_back(client: CheckedClient, sub: str) -> TestResponse:
    return client.get(at_the_directory(client, sub), follow_redirects=True)


def test_somebody_of_a_group_with_a_role_gets_an_account_and_comes_in(
    client: CheckedClient, db: Session
) -> None:
    assert "Sign in with your News account" in client.get("/sign-in").text

    page = come_back(client, "1")

    assert "Sign out" in page.text
    ana = users.get_user(db, "ana")
    assert (ana.role, ana.password_hash) == ("editor", "")
    assert "directory signs you in" in client.get("/account").text
    come_back(client.application.test_client(), "1")
    assert [user.username for user in users.list_users(db)] == ["ana", "editor"]


def test_the_highest_of_the_groups_roles_counts_each_time_anew(
    client: CheckedClient, db: Session
) -> None:
    come_back(client, "4")
    eva = users.get_user(db, "eva@news.example")
    assert eva.role == "administrator"
    make_account(db, "chief", role=Role.ADMINISTRATOR)
    users.set_role(db, eva, Role.READER)
    db.commit()

    come_back(client, "4")
    db.refresh(eva)

    assert eva.role == "administrator"


@pytest.mark.parametrize(
    ("sub", "said"),
    [
        ("2", "None of your groups has a role on this site"),
        ("3", "there is an account called editor already"),
        ("5", "printable characters"),
        ("6", "None of your groups has a role on this site"),
    ],
)
def test_who_is_not_to_come_in_is_told_why(client: CheckedClient, db, sub: str, said: str) -> None:
    page = come_back(client, sub)

    assert page.status_code == 403
    assert said in page.text
    assert "Sign out" not in client.get("/").text
    assert [user.username for user in users.list_users(db)] == ["editor"]


def test_who_is_suspended_here_does_not_come_in_by_the_directory(client, db: Session) -> None:
    come_back(client, "1")
    users.suspend(db, users.get_user(db, "ana"))
    db.commit()
    assert "Sign out" not in client.get("/").text

    assert "suspended" in come_back(client, "1").text


def test_who_has_no_group_any_more_is_out_everywhere(
    client: CheckedClient, settings: Settings, db: Session
) -> None:
    """The directory says so when they come by again; other browsers and programs end with it."""
    come_back(client, "1")
    ana = users.get_user(db, "ana")
    token = tokens.make(db, ana, "robot", [Permission.READ], 30)
    audit.act_as(db, audit.Actor(ana.id, ana.username))
    link = links.invite(db, Role.ADMINISTRATOR)
    db.commit()
    elsewhere = replace(settings.directory, roles={"another": Role.EDITOR})
    client.application.extensions["debate_directory"] = elsewhere

    page = come_back(client.application.test_client(), "1")

    assert "None of your groups has a role" in page.text
    assert client.get("/account").status_code == 303
    assert tokens.find(db, token) is None
    assert client.get(link).status_code == 410


def test_signing_in_can_be_broken_off_any_number_of_times(client: CheckedClient) -> None:
    """What each needs is kept in the cookie, which browsers drop when it is over 4 kB."""
    for _ in range(20):
        client.get("/sign-in/house")
        assert len(client.get_cookie("debate_session").value) < 4000

    assert "Sign out" in come_back(client, "1").text


def test_an_account_of_the_directory_has_no_password(client: CheckedClient) -> None:
    come_back(client, "1")
    client.send("/sign-out")

    for password in ("", PASSWORD):
        assert client.send("/sign-in", username="ana", password=password).status_code == 422


def test_one_comes_back_to_where_one_was_and_nowhere_else(client: CheckedClient) -> None:
    for target, where in (("/people", "/people"), ("//evil.example", "/")):
        path = at_the_directory(client, "1", f"/sign-in/house?next={target}")
        assert client.get(path).headers["Location"] == where


def test_an_answer_of_the_directory_is_good_once_and_in_its_own_browser(
    client: CheckedClient,
) -> None:
    path = at_the_directory(client, "1")
    other = client.application.test_client()
    assert other.get(path).status_code == 422
    assert client.get(path).status_code == 303
    assert client.get(path).status_code == 422
    assert client.get("/sign-in/house/back?state=made-up&code=x").status_code == 422
    assert client.get("/sign-in/house/back?error=access_denied").status_code == 422


def test_neither_codes_nor_the_secret_reach_log_or_page(client: CheckedClient, caplog) -> None:
    path = at_the_directory(client, "1").replace("code=", "code=wrong")
    page = client.get(path)

    assert page.status_code == 422
    assert "Signing in was broken off" in page.text
    assert "wrong" not in caplog.text + page.text
    assert "a secret of the house" not in caplog.text + page.text


@pytest.fixture
def away(root: Path) -> CheckedClient:
    """A site whose directory does not answer."""
    from debate_webapp import create_app

    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32}
    app = create_app(Settings.from_env(env | environment(f"http://127.0.0.1:{free_port()}")))
    app.test_client_class = CheckedClient
    return app.test_client()


def test_a_directory_that_is_away_says_so_and_passwords_still_work(away: CheckedClient) -> None:
    page = away.get("/sign-in/house")

    assert page.status_code == 503
    assert "cannot be reached" in page.text
    assert "Sign out" in away.send("/sign-in", username="editor", password=PASSWORD).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"OIDC_ISSUER": "http://directory.example"}, "OIDC_ISSUER begins with https://"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_ROLES": "desk=boss"}, "OIDC_ROLES has group=role"),
        ({"OIDC_ROLES": "desk"}, "OIDC_ROLES has group=role"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        Directory.from_env(environment("https://directory.example") | changes)


def test_groups_may_be_one_or_many_and_unknown_ones_say_nothing() -> None:
    directory = Directory.from_env(environment("https://directory.example"))

    assert directory.role_of("desk") is Role.EDITOR
    assert directory.role_of(["x", "chiefs", "desk"]) is Role.ADMINISTRATOR
    for nothing in (None, [], ["x"], 7, [["desk"]], {"desk": 1}):
        assert directory.role_of(nothing) is None
    assert "a secret of the house" not in repr(directory)
