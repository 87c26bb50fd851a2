"""What holds for every template."""

from flask import Flask
from jinja2 import nodes


def test_no_macro_is_imported_with_context(app: Flask) -> None:
    """Its context would hold the page's rows in a cycle, which only the collector ends.

    On Python 3.11 such rows have ended the process (database/connections/collector.py).
    """
    env = app.jinja_env
    assert env.loader
    found = [
        f"{name}:{node.lineno}"
        for name in env.list_templates(extensions=["html"])
        for node in env.parse(env.loader.get_source(env, name)[0]).find_all(
            (nodes.Import, nodes.FromImport)
        )
        if node.with_context
    ]

    assert found == []
