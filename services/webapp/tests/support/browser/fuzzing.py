"""Two editors at random keys on one debate: pages and API must agree, and every word must be there.

    PYTHONPATH=tests/support python tests/support/browser/fuzzing.py --seconds 600 [--seed 7]

A game is a debate of its own with two pages, over a network that delays, loses and refuses. After
each of its rounds both pages come to rest; then each must show what the API says, row by row, and
every word of the debate, and every one that was typed, must be in one segment, in an open form or
a draft, or have been taken away by somebody's choice.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from browsers import WIDE, chromium, sign_in
from debate_webapp.editing.log import read_states
from debate_webapp.settings import DATABASE_FILE
from fuzzing_page import LETTERS, Typist
from playwright.sync_api import Browser
from servers import Site, serving
from stores import make_database, make_recording

EDITORS = ("editor", "petr")
ROUNDS = 3
ACTS = 14
# Seconds in which two pages must have come to rest, and then show what the API says.
PATIENCE = 60
SEGMENTS = 8


class Broken(AssertionError):
    """Two things that must be equal are not, or a word is gone."""


def words() -> Iterator[str]:
    """Words that come once, all of the same length."""
    return ("".join(letters) for letters in itertools.product(LETTERS, repeat=5))


class Game:
    """One debate, two pages, the keys of one seed."""

    def __init__(self, browser: Browser, site: Site, cookies: dict[str, Any], seed: int) -> None:
        self.seed, self._site = seed, site
        self._random = Random(seed)
        self._words = words()
        self._first = [[next(self._words) for _ in range(4)] for _ in range(SEGMENTS)]
        self.debate = site.new_debate(_segments(self._first))
        self._api = f"/api/v1/transcripts/{self.debate.rsplit('/', 1)[1]}"
        self.done: list[str] = []
        self._contexts = [
            browser.new_context(base_url=site.address, viewport=WIDE, storage_state=cookies[name])
            for name in EDITORS
        ]
        for context in self._contexts:
            context.set_default_timeout(1_500)
            context.set_default_navigation_timeout(30_000)
        self.typists = [
            Typist(name, context, Random(f"{seed} {name}"), self._words)
            for name, context in zip(EDITORS, self._contexts, strict=True)
        ]

    def play(self) -> None:
        """All rounds; raises Broken."""
        for typist in self.typists:
            typist.page.goto(self.debate)
        self._began = {row["id"]: row["text"] for row in self._rows()}
        for _ in range(ROUNDS):
            for _ in range(ACTS):
                typist = self._random.choice(self.typists)
                self.done.append(f"{typist.name} {typist.act()}")
            self._rest()
            self._compare()
            self._find_words()

    def count(self) -> Counter[str]:
        """Words typed, commands given, conflicts met."""
        networks = [typist.network for typist in self.typists]
        return Counter(
            words=sum(len(typist.typed) for typist in self.typists),
            commands=sum(len(network.commands) for network in networks),
            conflicts=sum(network.conflicts for network in networks),
        )

    def close(self) -> None:
        """Close both pages."""
        for typist in self.typists:
            typist.network.close()
        for context in self._contexts:
            context.close()

    def _rest(self) -> None:
        self.done.append("rest")
        deadline = time.monotonic() + PATIENCE
        while any(not rests for rests in [typist.settle() for typist in self.typists]):
            self._hold(time.monotonic() < deadline, "the pages do not come to rest")

    def _compare(self) -> None:
        """Each page shows what the API says, at the latest after a look."""
        for typist in self.typists:
            deadline = time.monotonic() + PATIENCE
            typist._look()
            while differences := _differences(self._told(typist), typist.shown()):
                self._hold(time.monotonic() < deadline, f"{typist.name}'s page: {differences}")
                typist.page.wait_for_timeout(100)
            self._hold(not typist.faults, f"{typist.name}'s page: {typist.faults}")
        for typist in self.typists:
            typist.network.calm = False

    def _told(self, typist: Typist) -> dict[str, Any]:
        """What the API says, in the form of what a page shows."""
        asked = typist.page.request
        changes = asked.get(f"{self._api}/changes?since=0")
        if changes.status != 200:  # nothing has been done yet
            return {}
        rows = self._rows()
        speakers = asked.get(self._api).json()["speakers"]
        return {
            "rows": [
                _as_shown(row, before) for row, before in zip(rows, [None, *rows], strict=False)
            ],
            "names": {s["label"]: (s["person"] or {"name": ""})["name"] for s in speakers},
            "voices": [voice["name"] for voice in changes.json()["voices"]],
            "steps": [changes.json()[name] is not None for name in ("undo", "redo")],
        }

    def _rows(self) -> list[dict[str, Any]]:
        reply = self.typists[0].page.request.get(f"{self._api}/segments")
        rows: list[dict[str, Any]] = reply.json()["segments"]
        return rows

    def _find_words(self) -> None:
        there = Counter(word for row in self._rows() for word in row["text"].split())
        ours = {word for words in self._first for word in words}
        for typist in self.typists:
            ours |= {word for word in typist.typed if len(word) == 5 and set(word) <= set(LETTERS)}
        twice = sorted(word for word in ours if there[word] > 1)
        self._hold(not twice, f"words doubled: {twice}")
        excused = self._taken_away().union(*(t.kept() | t.given_up for t in self.typists))
        lost = sorted(word for word in ours if not there[word] and word not in excused)
        self._hold(not lost, f"words lost: {lost}")
        for typist in self.typists:
            typist.given_up -= set(there)

    def _taken_away(self) -> set[str]:
        """Words that an undo or a redo took out, by the log."""
        gone: set[str] = set()
        rows: dict[int, dict[str, Any]] = {id_: {"text": text} for id_, text in self._began.items()}
        for edit in self._site.edits(self.debate):
            before = _words_of(rows)
            for id_, state in read_states(edit.arguments).items():
                rows[id_] = rows.get(id_, {}) | state
            gone -= _words_of(rows)
            if edit.command in ("undo", "redo"):
                gone |= before - _words_of(rows)
        return gone

    def _hold(self, holds: bool, sentence: str) -> None:
        if not holds:
            steps = ", ".join(self.done)
            raise Broken(f"seed {self.seed}, {self.debate}: {sentence}\n  after: {steps}")


def _segments(texts: list[list[str]]) -> list[dict[str, Any]]:
    return [
        {"id": at, "start": at + 0.0, "end": at + 0.9, "speaker": f"SPEAKER_0{at // 3 % 2}"}
        | {"text": " ".join(words)}
        for at, words in enumerate(texts)
    ]


def _words_of(rows: dict[int, dict[str, Any]]) -> set[str]:
    there = (row["text"] for row in rows.values() if not row.get("removed"))
    return set(" ".join(there).split())


def _as_shown(row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """A row of the API as a page has it, its speaker named where the one before was another."""
    same = before and (before["person"] or before["speaker"]) == (row["person"] or row["speaker"])
    kept = {
        name: row[name] for name in ("id", "version", "start", "end", "text", "name", "reviewed")
    }
    whole = int(row["start"])
    return kept | {
        "label": row["speaker"],
        "own": row["own_person"],
        "line": None if same else row["name"],
        "time": f"{whole // 60}:{whole % 60:02}",
    }


def _differences(told: dict[str, Any], shown: dict[str, Any]) -> list[str]:
    found = []
    for part, expected in told.items():
        if shown[part] == expected:
            continue
        pairs = zip(expected, shown[part], strict=False) if part == "rows" else []
        first = next(((a, b) for a, b in pairs if a != b), (expected, shown[part]))
        found.append(f"{part}: the API has {first[0]}, shown is {first[1]}")
    return found


def play(
    browser: Browser,
    site: Site,
    seeds: Iterator[int],
    seconds: float,
    tell: Callable[[str], object] = str,
) -> str:
    """Games for so many seconds, at least one; what was done, in a sentence. Raises Broken."""
    site.add_editor("petr")
    cookies = {name: sign_in(browser, site, name) for name in EDITORS}
    totals: Counter[str] = Counter()
    end = time.monotonic() + seconds
    for seed in seeds:
        game = Game(browser, site, cookies, seed)
        try:
            game.play()
            totals["games"] += 1
            totals.update(game.count())
        finally:
            game.close()
        tell(f"seed {seed}: {_figures(totals)} so far")
        if time.monotonic() > end:
            break
    return f"{_figures(totals)}: 0 differences, 0 lost words"


def _figures(totals: Counter[str]) -> str:
    return ", ".join(
        f"{totals[what]} {what}" for what in ("games", "words", "commands", "conflicts")
    )


def say(sentence: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> int:
    """Play until the time is over or something breaks; a seed plays its game again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        make_database(root / DATABASE_FILE)
        site = stack.enter_context(serving(root, make_recording(root / "recording.mp4")))
        browser = stack.enter_context(chromium())
        say(f"seeds from {options.seed}, {options.seconds:g} s")
        try:
            say(play(browser, site, itertools.count(options.seed), options.seconds, say))
        except Broken as broken:
            say(str(broken))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
