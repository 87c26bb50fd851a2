"""API tokens: what they let a program do, and what not."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from asking import questions
from clients import CheckedClient
from debate_webapp.accounts import users
from debate_webapp.accounts.roles import SCOPES, Permission, Role
from debate_webapp.accounts.sign_in import tokens
from debate_webapp.database.base import now
from debate_webapp.database.models import ApiToken
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from stores import make_account
from test_permissions import PARTS, ROUTES, is_refused
from werkzeug.test import TestResponse

Ask = Callable[..., TestResponse]


@pytest.fixture
def make(db: Session) -> Callable[..., str]:
    """A token of the publisher."""

    def make(*scopes: str, name: str = "archive robot") -> str:
        user = users.get_user(db, "editor")
        secret = tokens.make(db, user, name, [Permission(scope) for scope in scopes], 30)
        db.commit()
        return secret

    return make


@pytest.fixture
def program(app: Flask) -> Ask:
    """A request of a program: with a token, without cookies."""

    def ask(method: str, path: str, token: str | None, **more: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = FlaskClient(app, app.response_class, use_cookies=False)
        return client.open(path, method=method, headers=headers, buffered=True, **more)

    return ask


def test_a_token_is_shown_once_and_works_without_csrf(
    debate: CheckedClient, program: Ask, db: Session
) -> None:
    page = debate.send("/account/tokens", name="archive robot", scopes=["read", "edit"], days="7")
    token = re.search(r'value="(debate_[\w-]{43})"', page.text)[1]
    assert token not in debate.get("/account/tokens").text
    assert token not in vars(db.scalars(select(ApiToken)).one()).values()

    made = program("POST", "/api/v1/people", token, json={"name": "Eva"})

    assert made.status_code == 201
    page = debate.get("/account/tokens").text
    assert "archive robot" in page
    assert "last used never" not in page


@pytest.mark.parametrize("scope", SCOPES)
def test_every_api_route_takes_a_token_with_the_scope_it_needs(
    debate: CheckedClient, program: Ask, db: Session, scope: Permission
) -> None:
    chief = make_account(db, "chief", role=Role.ADMINISTRATOR)
    token = tokens.make(db, chief, "robot", [scope], 7)
    db.commit()
    let_in = {}
    for route in (one for one in ROUTES if "/api/" in one):
        method, path = route.split(" ")
        for part, value in PARTS.items():
            path = path.replace(part, value)
        body = {} if method == "GET" else {"json": {}}
        let_in[route] = not is_refused(program(method, path, token, **body))

    assert let_in == {route: ROUTES[route] in ("anyone", scope) for route in let_in}


def test_a_token_for_reading_sees_what_is_not_published(
    debate: CheckedClient, program: Ask, make
) -> None:
    assert program("GET", "/api/v1/transcripts/1", make("read")).json["published"] is False
    assert program("GET", "/api/v1/transcripts/1", make("edit")).status_code == 404
    assert program("GET", "/api/v1/transcripts/1", None).status_code == 404


def test_a_debate_is_published_and_taken_back_by_a_token_for_it(
    debate: CheckedClient, program: Ask, make
) -> None:
    token, path = make("read", "publish"), "/api/v1/transcripts/1/publication"

    def publish(published: object, client_id: str) -> TestResponse:
        return program("PUT", path, token, json={"published": published, "client_id": client_id})

    assert publish(True, "on").json["published"] is True
    assert program("GET", "/api/v1/transcripts/1", None).status_code == 200
    assert publish(True, "on").status_code == 200, "the same request again is harmless"
    assert publish(False, "off").json["published"] is False
    assert publish("yes", "x").status_code == 400


def test_no_page_takes_a_token(debate: CheckedClient, program: Ask, make) -> None:
    token = make("read", "edit", "publish")

    assert program("GET", "/debates/1", token).status_code == 404
    assert program("GET", "/account", token).headers["Location"].startswith("/sign-in")
    assert program("POST", "/debates/1/publication/on", token).status_code == 400


@pytest.mark.parametrize("token", ["debate_" + "x" * 43, "nonsense", "\xff", "a b"])
def test_a_wrong_token_is_refused_even_for_what_is_public(program: Ask, token: str) -> None:
    reply = program("GET", "/api/v1/transcripts", token)

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer error=invalid_token"
    assert token not in reply.text


def test_a_cookie_beside_a_token_gives_it_no_more(debate: CheckedClient, make) -> None:
    headers = {"Authorization": f"Bearer {make('read')}"}

    assert debate.post("/api/v1/people", json={"name": "Eva"}, headers=headers).status_code == 403


def test_tokens_end_by_being_revoked_by_time_and_with_their_owner(
    editor: CheckedClient, program: Ask, make, db: Session
) -> None:
    def works(token: str) -> bool:
        return program("GET", "/api/v1/transcripts", token).status_code == 200

    revoked, old, others = make("read"), make("read"), make("read")
    assert all(map(works, (revoked, old, others)))
    editor.send("/account/tokens/1/revoke")
    db.execute(update(ApiToken).where(ApiToken.id == 2).values(expires_at=now()))
    db.commit()
    assert [works(token) for token in (revoked, old, others)] == [False, False, True]

    make_account(db, "chief", role=Role.ADMINISTRATOR)
    users.suspend(db, users.get_user(db, "editor"))
    db.commit()
    assert not works(others)


def test_a_token_may_no_more_than_its_owner(
    debate: CheckedClient, program: Ask, make, db: Session
) -> None:
    token = make("read", "edit")
    db.refresh(users.get_user(db, "editor"))
    users.get_user(db, "editor").role = Role.READER
    db.commit()

    assert program("POST", "/api/v1/people", token, json={"name": "Eva"}).status_code == 403
    assert program("GET", "/api/v1/transcripts/1", token).status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scopes": []}, "A token may do one thing at least"),
        ({"scopes": ["publish"]}, "nothing that its owner may not"),
        ({"scopes": ["administer"]}, "Make a token"),
        ({"scopes": ["everything"]}, "Make a token"),
        ({"name": ""}, "Say what uses it."),
        ({"name": "a\0b"}, "1 to 80 printable characters"),
        ({"days": "36500"}, "Make a token"),
    ],
)
def test_tokens_that_cannot_be_are_refused(
    editor: CheckedClient, fields: dict[str, object], said: str, db: Session
) -> None:
    right = {"name": "robot", "scopes": ["read"], "days": "7"}

    users.get_user(db, "editor").role = Role.EDITOR
    db.commit()
    page = editor.send("/account/tokens", **right | fields)

    assert page.status_code == 422
    assert said in page.text
    assert db.scalars(select(ApiToken)).all() == []


def test_nobody_revokes_a_token_of_somebody_else(second: CheckedClient, make) -> None:
    make("read")

    assert second.send("/account/tokens/1/revoke").status_code == 404
    assert "archive robot" not in second.get("/account/tokens").text


def test_an_account_has_so_many_tokens_at_most(editor: CheckedClient, make, db: Session) -> None:
    for number in range(tokens.MOST):
        make("read", name=f"robot {number}")

    page = editor.send("/account/tokens", name="one more", scopes=["read"], days="7")
    assert "20 tokens at most" in page.text
    db.execute(update(ApiToken).values(expires_at=now() - timedelta(days=1)))
    db.commit()
    assert (
        "Shown this once"
        in editor.send("/account/tokens", name="one more", scopes=["read"], days="7").text
    )


def test_a_token_costs_one_question_and_one_note_a_minute(app: Flask, program: Ask, make) -> None:
    token = make("read")

    def asked(token: str | None) -> list[str]:
        with questions(app) as found:
            assert program("GET", "/api/v1/people", token).status_code == 200
        return found

    assert any("UPDATE api_token" in question for question in asked(token))
    assert len(asked(token)) == len(asked(None)) + 1
