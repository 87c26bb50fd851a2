"""What an address may hold: ids that a row can have, text that a database keeps."""

import re

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

# PostgreSQL's and SQLAlchemy's Integer.
MAX_ID = 2**31 - 1


class RowId(IntegerConverter):
    """`<int:…>`: a number beyond every row's is the address of nothing (404)."""

    def __init__(self, url_map: Map, max: int = MAX_ID) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(url_map, max=max)


class Printable(UnicodeConverter):
    """`<…>`: slugs, labels and words are printable; PostgreSQL takes no NUL at all."""

    def to_python(self, value: str) -> str:
        """The text as it is, else 404."""
        if not value.isprintable():
            raise ValidationError
        return value


def init_routing(app: Flask) -> None:
    """For all routes of the application; to be called before they are added."""
    app.url_map.converters |= {"int": RowId, "default": Printable, "string": Printable}


def asked_number(name: str) -> int | None:
    """A whole number of the query, None without one; aborts with 400 for what no row can have."""
    given = request.args.get(name)
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", given) or int(given) > MAX_ID:
        abort(400, f"`{name}` is a whole number, as the last answer had it.")
    return int(given)


def is_path(target: str) -> bool:
    """Whether an address stays on this site whatever a browser makes of it.

    Browsers and libraries drop control characters from addresses and read `\\` as `/`: with either,
    what looks like a path may name another host.
    """
    plain = target.isprintable() and "\\" not in target
    return plain and target.startswith("/") and not target.startswith("//")
