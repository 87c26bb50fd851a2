"""What holds for every page of the site."""

import re
import time
from html.parser import HTMLParser
from typing import Any

from playwright.sync_api import Page
from werkzeug.test import TestResponse

Attributes = dict[str, str | None]


class Outline(HTMLParser):
    """The few things of a page that the checks ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.texts: dict[str, list[str]] = {"h1": [], "title": []}
        self.labels: set[str | None] = set()
        self.fields: list[Attributes] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag in self.texts:
            self.texts[tag].append("")
            self._inside.append(tag)
        if tag == "label":
            self.labels.add(attributes.get("for"))
        if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
            self.fields.append(attributes)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside[-1]][-1] += data

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.tags if name == tag]


def outline(response: TestResponse) -> Outline:
    page = Outline()
    page.feed(response.text)
    return page


def check_page(response: TestResponse) -> None:
    """One heading that begins the title; scripts of ours; labels; forms that know where they go."""
    page = outline(response)
    (heading,), (title, *_) = page.texts["h1"], page.texts["title"]
    assert title.startswith(heading.strip())
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    for script in page.all("script"):
        assert str(script.get("src")).startswith("/static/"), "no script is written into a page"
    for field in page.fields:
        assert field.get("id") in page.labels or field.get("aria-label"), field
    for form in page.all("form"):
        assert str(form.get("action", "")).startswith("/")
        assert form.get("method") in ("post", "get")
    assert not any("style" in attributes for _, attributes in page.tags)
    assert not any(name.startswith("on") for _, tag in page.tags for name in tag)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids)), "an id is used twice"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def link_on(page: str) -> str:
    """The path of the one-time link that a page shows."""
    found = re.search(r'value="http://localhost(/[a-z-]+/[\w-]{43})"', page)
    assert found, "the link is shown"
    return found[1]


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way needs the eval that our policy forbids."""
    deadline = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"{condition} did not come true"
        page.wait_for_timeout(50)
