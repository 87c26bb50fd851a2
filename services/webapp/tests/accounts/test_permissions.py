"""Who may do what: every route is asked by everyone. One that is not in the table fails here."""

import re
from collections.abc import Callable, Iterator

import pytest
from asking import questions
from clients import CheckedClient
from debate_webapp import create_app
from debate_webapp.accounts.roles import Permission, Role, permissions_of
from debate_webapp.settings import Settings
from debate_webapp.site.auth.guard import init_guard, needs_of
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from stores import make_account
from werkzeug.test import TestResponse

ANYONE, KEY, ACCOUNT, READ, EDIT, SUBMIT, PUBLISH, ADMINISTER = (
    "anyone", "key", "account", "read", "edit", "submit", "publish", "administer",
)  # fmt: skip
# As it is to be, not as the code has it.
TABLE = {
    "stranger": {ANYONE},
    "reader": {ANYONE, ACCOUNT, READ},
    "editor": {ANYONE, ACCOUNT, READ, EDIT, SUBMIT},
    "publisher": {ANYONE, ACCOUNT, READ, EDIT, SUBMIT, PUBLISH},
    "administrator": {ANYONE, ACCOUNT, READ, EDIT, SUBMIT, PUBLISH, ADMINISTER},
}
ROUTES = {
    "GET /": ANYONE,
    "GET /account": ACCOUNT,
    "POST /account/password": ACCOUNT,
    "GET /account/second-factor": ACCOUNT,
    "POST /account/second-factor/off": ACCOUNT,
    "POST /account/second-factor/on": ACCOUNT,
    "POST /account/sessions/<handle>/end": ACCOUNT,
    "POST /account/sessions/end-others": ACCOUNT,
    "GET /account/tokens": ACCOUNT,
    "POST /account/tokens": ACCOUNT,
    "POST /account/tokens/<int:token_id>/revoke": ACCOUNT,
    "GET /accounts": ADMINISTER,
    "POST /accounts/<int:user_id>/reset": ADMINISTER,
    "POST /accounts/<int:user_id>/restore": ADMINISTER,
    "POST /accounts/<int:user_id>/role": ADMINISTER,
    "POST /accounts/<int:user_id>/second-factor/off": ADMINISTER,
    "POST /accounts/<int:user_id>/sessions/end": ADMINISTER,
    "POST /accounts/<int:user_id>/suspend": ADMINISTER,
    "POST /accounts/invitations": ADMINISTER,
    "POST /accounts/invitations/<handle>/withdraw": ADMINISTER,
    "GET /api/v1/media/<int:transcript_id>": ANYONE,
    "GET /api/v1/openapi.json": ANYONE,
    "GET /api/v1/people": ANYONE,
    "POST /api/v1/people": EDIT,
    "GET /api/v1/people/<slug>": ANYONE,
    "GET /api/v1/people/<slug>/stats": ANYONE,
    "GET /api/v1/search": ANYONE,
    "GET /api/v1/search/counts": ANYONE,
    "GET /api/v1/submissions": SUBMIT,
    "POST /api/v1/submissions": SUBMIT,
    "DELETE /api/v1/submissions/<int:submission_id>": SUBMIT,
    "GET /api/v1/submissions/<int:submission_id>": SUBMIT,
    "POST /api/v1/submissions/<int:submission_id>/retry": SUBMIT,
    "GET /api/v1/transcripts": ANYONE,
    "POST /api/v1/transcripts": SUBMIT,
    "GET /api/v1/choices": EDIT,
    "GET /api/v1/transcripts/<int:transcript_id>": ANYONE,
    "GET /api/v1/transcripts/<int:transcript_id>/carrying": EDIT,
    "POST /api/v1/transcripts/<int:transcript_id>/carrying": EDIT,
    "GET /api/v1/transcripts/<int:transcript_id>/changes": EDIT,
    "POST /api/v1/transcripts/<int:transcript_id>/commands": EDIT,
    "POST /api/v1/transcripts/<int:transcript_id>/count": EDIT,
    "GET /api/v1/transcripts/<int:transcript_id>/export.<extension>": ANYONE,
    "PUT /api/v1/transcripts/<int:transcript_id>/publication": PUBLISH,
    "GET /api/v1/transcripts/<int:transcript_id>/known-voices": EDIT,
    "GET /api/v1/transcripts/<int:transcript_id>/segments": ANYONE,
    "PUT /api/v1/transcripts/<int:transcript_id>/speakers/<label>": EDIT,
    "GET /api/v1/transcripts/<int:transcript_id>/stats": ANYONE,
    "GET /audit": ADMINISTER,
    "GET /audit.csv": ADMINISTER,
    "POST /events/batch": KEY,  # AWS alone has it, and here nobody does
    "POST /api/v1/uploads": SUBMIT,
    "DELETE /api/v1/uploads/<upload_id>": SUBMIT,
    "GET /api/v1/uploads/<upload_id>": SUBMIT,
    "PUT /api/v1/uploads/<upload_id>": SUBMIT,
    "POST /api/v1/uploads/<upload_id>/completion": SUBMIT,
    "POST /api/v1/uploads/<upload_id>/parts": SUBMIT,
    "POST /debates": SUBMIT,
    "GET /debates/<int:transcript_id>": ANYONE,
    "GET /debates/<int:transcript_id>/captions.vtt": ANYONE,
    "GET /debates/<int:transcript_id>/carrying": EDIT,
    "POST /debates/<int:transcript_id>/carrying": EDIT,
    "POST /debates/<int:transcript_id>/count": EDIT,
    "GET /debates/<int:transcript_id>/figures": ANYONE,
    "GET /debates/<int:transcript_id>/known-voices": EDIT,
    "POST /debates/<int:transcript_id>/publication/<state>": PUBLISH,
    "POST /debates/<int:transcript_id>/recording": EDIT,
    "POST /debates/<int:transcript_id>/speakers/<label>": EDIT,
    "GET /healthz": ANYONE,
    "GET /livez": ANYONE,
    "GET /people": ANYONE,
    "GET /people/<slug>": ANYONE,
    "POST /people/<slug>/voice/<state>": EDIT,
    "GET /search": ANYONE,
    "GET /search.csv": ANYONE,
    "GET /search/counts": ANYONE,
    "GET /sign-in": ANYONE,
    "POST /sign-in": ANYONE,
    "GET /sign-in/code": ANYONE,
    "POST /sign-in/code": ANYONE,
    "GET /sign-in/house": ANYONE,
    "GET /sign-in/house/back": ANYONE,
    "POST /sign-out": ANYONE,
    "GET /submissions": SUBMIT,
    "POST /submissions": SUBMIT,
    "POST /submissions/<int:submission_id>/<any(cancel,retry,remove):action>": SUBMIT,
    "GET /static/<digest>/<path:filename>": ANYONE,
    "GET /<any('set-up',invitation):purpose>/<secret>": ANYONE,
    "POST /<any('set-up',invitation):purpose>/<secret>": ANYONE,
    "GET /reset/<secret>": ANYONE,
    "POST /reset/<secret>": ANYONE,
}
PARTS = {
    "<int:transcript_id>": "1",
    "<int:user_id>": "1",
    "<int:token_id>": "1",
    "<upload_id>": "0" * 32,
    "<int:submission_id>": "1",
    "<any(cancel,retry,remove):action>": "cancel",
    "<slug>": "ana",
    "<label>": "SPEAKER_00",
    "<state>": "on",
    "<extension>": "txt",
    "<digest>": "0",
    "<path:filename>": "css/base.css",
    "<handle>": "0" * 16,
    "<secret>": "x" * 43,
    "<any('set-up',invitation):purpose>": "invitation",
}


def routes(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}"


def test_every_route_is_in_the_table_and_says_so_itself(app: Flask) -> None:
    assert set(routes(app)) == set(ROUTES)
    said = {
        f"{method} {rule.rule}": str(needs_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert said == ROUTES


def test_the_roles_are_those_of_the_table() -> None:
    may = {role.value: {ANYONE, ACCOUNT, *permissions_of(role)} for role in Role}

    assert may | {"stranger": {ANYONE}} == TABLE
    assert set(Permission) == TABLE["administrator"] - {ANYONE, ACCOUNT}
    assert permissions_of("chief") == frozenset()


def test_a_route_that_says_nothing_is_an_error_from_the_start(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    with pytest.raises(LookupError, match="forgotten does not say what it needs"):
        init_guard(app)


@pytest.fixture
def ask(debate: CheckedClient, db: Session) -> Callable[[str, str], TestResponse]:
    """Ask for a route as somebody of a role, with all that a page of ours would send."""

    def ask(who: str, route: str) -> TestResponse:
        if who == "stranger":
            debate.delete_cookie("debate_session")
        else:
            debate.come_in(f"a-{who}")
        method, path = route.split(" ")
        for part, value in PARTS.items():
            path = path.replace(part, value)
        headers = {"X-CSRFToken": debate.token()} if method != "GET" else {}
        body = {"json": {}} if path.startswith("/api/") and method != "GET" else {}
        return FlaskClient.open(debate, path, method=method, headers=headers, buffered=True, **body)

    for role in Role:
        make_account(db, f"a-{role}", role=role)
    return ask


def is_refused(reply: TestResponse) -> bool:
    location = reply.headers.get("Location", "")
    to_sign_in = reply.status_code == 303 and re.match(r"/sign-in(\?|\Z)", location)
    if reply.request.path == "/sign-in/code":
        return False  # which leads to the first step whoever did not take it
    return bool(to_sign_in) or reply.status_code in (401, 403)


@pytest.mark.parametrize("who", TABLE)
def test_everyone_gets_in_where_the_table_says_and_nowhere_else(ask, who: str) -> None:
    got_in = {route: not is_refused(ask(who, route)) for route in ROUTES}

    assert got_in == {route: need in TABLE[who] for route, need in ROUTES.items()}


def test_who_has_another_role_is_told_what_is_missing(ask) -> None:
    page = ask("editor", "POST /debates/<int:transcript_id>/publication/<state>")
    assert page.status_code == 403
    assert "Your role is editor" in page.text
    assert "publish debates" in page.text

    answer = ask("reader", "POST /api/v1/people")
    assert answer.status_code == 403
    assert "An administrator can change that." in answer.json["detail"]


def test_a_stranger_is_sent_to_sign_in_and_back(ask) -> None:
    assert ask("stranger", "GET /accounts").headers["Location"] == "/sign-in?next=/accounts"
    assert ask("stranger", "POST /api/v1/people").status_code == 401


def test_that_the_server_lives_is_told_without_the_database(app: Flask) -> None:
    """Who asks is looked up where somebody says who they are, and nowhere else."""
    with questions(app) as asked:
        assert app.test_client().get("/livez").status_code == 200

    assert asked == []


def test_pages_offer_each_what_they_may_do(ask) -> None:
    offers = {
        who: [
            text in ask(who, route).text
            for route, text in (
                ("GET /", "Register by address"),
                ("GET /debates/<int:transcript_id>", "Who is who"),
                ("GET /debates/<int:transcript_id>", ">Publish<"),
                ("GET /account", "People with accounts"),
            )
        ]
        for who in list(Role)
    }

    assert offers == {
        "reader": [False, False, False, False],
        "editor": [True, True, False, False],
        "publisher": [True, True, True, False],
        "administrator": [True, True, True, True],
    }


@pytest.mark.parametrize(
    "page",
    [
        "sign-in",
        "account",
        "account/tokens",
        "account/second-factor",
        "accounts",
        "audit",
        "audit.csv",
    ],
)
def test_no_cache_keeps_a_page_of_accounts(ask, page: str) -> None:
    """Secrets are shown there once; who sits down here next does not find them."""
    assert ask("administrator", f"GET /{page}").headers["Cache-Control"] == "no-store"
