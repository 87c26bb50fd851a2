"""What must not be said: every address is asked by everyone, and every answer searched.

A new route fails here until an address of it stands in ADDRESSES.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from clients import CheckedClient
from commands import command, merge
from debate_webapp.accounts.roles import Role
from debate_webapp.database.models import User
from debate_webapp.exports import FORMATS
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import PASSWORD, SPEECH, TEXTS, make_account, transcript_document
from werkzeug.test import TestResponse

HIDDEN_NAME = "Radka Utajená"
HIDDEN_TITLE = "Closed session on the depot"
SAID = "The depot was sold to his brother."
NOBODY = "Nemo Nikde"
HINTED = "Zdroj Z"

# Of the published debate 1, the unpublished 2, one that does not exist; and of nobody's number.
OF_A_DEBATE = [
    "/debates/{id}",
    "/debates/{id}/figures",
    "/debates/{id}/figures?brief",
    "/debates/{id}/captions.vtt",
    "/debates/{id}/carrying",
    "/api/v1/transcripts/{id}/carrying",
    "/debates/{id}/known-voices",
    "/api/v1/transcripts/{id}/known-voices",
    "/api/v1/transcripts/{id}",
    "/api/v1/transcripts/{id}/segments",
    "/api/v1/transcripts/{id}/stats",
    "/api/v1/transcripts/{id}/changes?since=0",
    "/api/v1/transcripts/{id}/changes",
    "/api/v1/media/{id}",
    *(f"/api/v1/transcripts/{{id}}/export.{extension}" for extension in [*FORMATS, "exe"]),
]
OF_A_PERSON = ["/people/{slug}", "/api/v1/people/{slug}", "/api/v1/people/{slug}/stats"]
ADDRESSES = [
    "/",
    "/?cursor=2",
    "/people",
    "/sign-in",
    "/sign-in?next=/debates/2",
    "/healthz",
    "/livez",
    "/account",
    "/account/second-factor",
    "/account/tokens",
    "/accounts",
    "/audit",
    "/audit.csv?user=editor",
    "/sign-in/code",
    "/sign-in/house",
    "/sign-in/house/back",
    *(f"/{purpose}/{'x' * 43}" for purpose in ("set-up", "invitation", "reset")),
    "/static/css/base.css",
    "/static/../webapp.secret",
    "/submissions",
    "/api/v1/submissions",
    "/api/v1/submissions/1",
    f"/api/v1/uploads/{'0' * 32}",
    "/api/v1/transcripts",
    "/api/v1/transcripts?cursor=2",
    "/api/v1/people",
    "/api/v1/choices",
    "/api/v1/choices?typed=radka",
    "/api/v1/openapi.json",
    *(
        f"{form}?q={words}{more}"
        for form in ("/search", "/search/counts", "/search.csv", "/api/v1/search")
        for words in ("depot", "radka", "session", "se*", "nemo")
        for more in ("", "&debate=2", "&person=radka-utajena", "&person=nemo-nikde&match=any")
    ),
    "/search",
    "/api/v1/search/counts?q=depot+OR+session",
    "/no-such-page",
    "/api/v1/no-such-page",
    *(form.format(id=number) for form in OF_A_DEBATE for number in ("1", "2", "3", 10**30)),
    *(form.format(slug=slug) for form in OF_A_PERSON for slug in ("eva", "radka-utajena", "nemo")),
]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Planted:
    """Texts that lie in the store and the database, and who may read them."""

    for_readers: list[str]
    for_editors: list[str]
    for_administrators: list[str]
    for_nobody: list[str]

    @property
    def all(self) -> list[str]:
        return self.for_readers + self.for_editors + self.for_administrators + self.for_nobody


@pytest.fixture
def planted(debate: CheckedClient, make_job: Callable[..., Path], db: Session, root: Path):
    """Debate 1 is published and one sentence of it was taken out; debate 2 is nobody's business."""
    _publish_without_a_sentence(debate)
    source = {"url": (root / "own.mp4").as_uri(), "title": HIDDEN_TITLE}
    media = {"path": "videos/Town_hall.mp4", "sha256": "0" * 64, "source": source}
    debate.send("/debates", uri=str(make_job("hidden", media=media)))
    for name in (HIDDEN_NAME, "Eva", NOBODY):
        debate.send_json("POST", "/api/v1/people", {"name": name})
    _name(debate, 2, "radka-utajena")
    _name(debate, 1, "eva")
    make_account(db, "tajny-ucet", PASSWORD)
    hashes = [user.password_hash for user in db.scalars(select(User))]
    return Planted(
        # What was taken out of one is in the other, which has yet to be corrected.
        for_readers=[HIDDEN_NAME, HIDDEN_TITLE, SAID],
        for_editors=[NOBODY, str(root)],
        for_administrators=["tajny-ucet"],
        for_nobody=[*hashes, "k" * 32, HINTED],
    )


@pytest.fixture
def make_job(make_job: Callable[..., Path], root: Path) -> Callable[..., Path]:
    """A file whose unknown fields, and whose address, say more than is shown."""
    text = f"{TEXTS[1]} {SAID}"
    segments = transcript_document()["transcription"]
    segments[1] |= {"text": text, "raw": text}
    speech = [stretch | {"text": text} for stretch in SPEECH]
    source = {"url": (root / "own.mp4").as_uri(), "title": "Town hall"}
    media = {"path": "videos/Town_hall.mp4", "sha256": "0" * 64, "source": source}
    model = {"asr": "whisper", "diarization": "pyannote"}
    model |= {"parameters": {"initial_prompt": HINTED, "vocabulary": [HINTED]}}
    more = {
        "transcription": segments,
        "text": text,
        "media": media,
        "model": model,
        "speech": speech,
    }
    return lambda job="first", **changes: make_job(job, **more | changes)


def _publish_without_a_sentence(editor: CheckedClient) -> None:
    merge(editor, {1: 1, 2: 1})
    command(editor, "edit_text", 1, 2, text=f"{TEXTS[0]} {TEXTS[1]}")
    editor.send("/debates/1/publication/on", client_id="publish")


def _name(editor: CheckedClient, debate: int, slug: str) -> None:
    label = SPEECH[0]["speaker"]
    mapping = {"person": slug, "version": 1, "client_id": f"name-{slug}"}
    path = f"/api/v1/transcripts/{debate}/speakers/{label}"
    assert editor.send_json("PUT", path, mapping).status_code == 200


@pytest.fixture
def anonymous(planted: Planted, debate: CheckedClient) -> CheckedClient:
    debate.send("/sign-out")
    return debate


@pytest.fixture
def somebody(
    planted: Planted, debate: CheckedClient, db: Session
) -> Callable[[Role], CheckedClient]:
    """Whoever has that role."""

    def come_in(role: Role) -> CheckedClient:
        make_account(db, f"ten-{role}", role=role)
        debate.come_in(f"ten-{role}")
        return debate

    return come_in


def said(response: TestResponse) -> str:
    """All that an answer says: its headers and its body, a document's parts unpacked."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    return f"{response.status}\n{headers}\n{_readable(response.data)}"


def _readable(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return _unescaped(body)
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "\n".join(_unescaped(parts.read(name)) for name in parts.namelist())


def _unescaped(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def answers(client: CheckedClient) -> Iterator[tuple[str, str]]:
    for address in ADDRESSES:
        for method in METHODS:
            # Not as pages: an answer to HEAD is none.
            reply = FlaskClient.open(client, address, method=method, buffered=True)
            assert reply.status_code < 500, f"{method} {address}: {reply.status}"
            yield f"{method} {address}", said(reply)


def told(client: CheckedClient, secrets: list[str]) -> list[tuple[str, str]]:
    """Where which of them is said."""
    return [
        (where, secret)
        for where, answer in answers(client)
        for secret in secrets
        if secret in answer
    ]


def test_there_is_an_address_of_every_route(app: Flask) -> None:
    routes = app.url_map.bind("localhost")
    asked = {
        routes.match(address.partition("?")[0], return_rule=True)[0].rule
        for address in ADDRESSES
        if "no-such-page" not in address and str(10**30) not in address
    }

    assert {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods} == asked


def test_nobody_without_an_account_is_told(anonymous: CheckedClient, planted: Planted) -> None:
    assert told(anonymous, planted.all) == []


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR, Role.ADMINISTRATOR])
def test_each_role_is_told_what_it_may_know_and_no_more(
    somebody, planted: Planted, role: Role
) -> None:
    may_know = planted.for_readers.copy()
    if role is not Role.READER:
        may_know += planted.for_editors
    if role is Role.ADMINISTRATOR:
        may_know += planted.for_administrators

    said = told(somebody(role), planted.all)

    # All of it: else the walk would find nothing anywhere.
    assert {secret for _, secret in said} == set(may_know)
    if role is Role.READER:
        of_the_corrected = re.compile(r"/(debates|transcripts|media)/1\b")
        assert [one for one in said if one[1] == SAID and of_the_corrected.search(one[0])] == []
