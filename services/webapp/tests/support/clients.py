"""A client that checks every page it gets."""

import re
from typing import Any

from debate_webapp.accounts.sign_in import sessions
from debate_webapp.accounts.users import get_user
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from pages import check_page
from werkzeug.test import TestResponse


class CompiledTemplates(BytecodeCache):
    """Each template is compiled once, not once for every test's application."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class CheckedClient(FlaskClient):
    """Every page that comes back is held to what all pages must be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tokens: dict[str, str] = {}

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs | {"buffered": True})
        if response.mimetype == "text/html" and response.status_code not in (302, 303, 308):
            check_page(response)
        return response

    def token(self) -> str:
        """What a form of this client's session carries; asked for once, as browsers keep a page."""
        cookie = self.get_cookie("debate_session")
        kept = self._tokens.get(cookie.value) if cookie else None
        return kept or self._ask_for_token()

    def _ask_for_token(self) -> str:
        page = self.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        cookie = self.get_cookie("debate_session")
        assert found
        assert cookie
        return self._tokens.setdefault(cookie.value, found.group(1))

    def send(self, path: str, follow_redirects: bool = True, **fields: Any) -> TestResponse:
        """Post a form as the page would."""
        data = {"csrf_token": self.token(), **fields}
        return self.post(path, data=data, follow_redirects=follow_redirects)

    def come_in(self, username: str) -> None:
        """Be signed in without the third of a second that a password takes."""
        with self.application.extensions["debate_sessions"]() as db:
            token = sessions.start(db, get_user(db, username), "Firefox/140.0", "127.0.0.1")
            db.commit()
        with self.session_transaction() as cookie:
            cookie.clear()
            cookie["token"] = token

    def send_json(self, method: str, path: str, body: object) -> TestResponse:
        return self.open(path, method=method, json=body, headers={"X-CSRFToken": self.token()})
