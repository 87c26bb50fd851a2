"""Asks a store's site for all kinds of pages in one process: `python soak.py FOLDER REQUESTS`.

Run with PYTHONMALLOC=debug, a process that uses memory after it was freed ends here.
"""

import faulthandler
import sys
from collections.abc import Iterator
from itertools import count, cycle, islice

from debate_webapp import create_app
from debate_webapp.exports import FORMATS
from debate_webapp.settings import Settings
from debate_webapp.site.auth.guard import ANYONE, needs_of
from flask import Flask

DEBATES = 60
PEOPLE = 8


def open_site(root: str) -> Flask:
    return create_app(Settings.from_env({"STORAGE_ROOT": root, "SECRET_KEY": "k" * 32}))


def addresses(app: Flask) -> Iterator[str]:
    """Every page and every part of the API that a stranger may GET, of one debate after another."""
    extensions = cycle(FORMATS)
    adapter = app.url_map.bind("")
    endpoints = {
        rule.endpoint: rule.arguments
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and needs_of(app, rule.endpoint) == ANYONE
    }
    for n in count():
        values = {
            "transcript_id": n % DEBATES + 1,
            "slug": f"person-{n % PEOPLE}",
            "extension": next(extensions),
            "digest": "of-another-version",
            "filename": "icon.svg",
            "purpose": "invitation",
            "secret": "x" * 43,
        }
        for endpoint, arguments in endpoints.items():
            asked = {"q": "bus OR tax*"} if endpoint.startswith("search") else {}
            yield adapter.build(endpoint, {name: values[name] for name in arguments} | asked)


def soak(app: Flask, requests: int) -> None:
    client = app.test_client()
    for path in islice(addresses(app), requests):
        reply = client.get(path, buffered=True)
        assert reply.status_code < 500, f"{path}: {reply.status}"
        reply.close()


if __name__ == "__main__":
    faulthandler.enable()
    soak(open_site(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("every request was answered\n")
