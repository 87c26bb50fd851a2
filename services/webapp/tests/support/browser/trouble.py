"""A network that delays, loses and refuses, by the numbers of a random generator."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from playwright.sync_api import Error, Page, Response, Route

# What becomes of a request: half of them pass at once.
WAYS = ["pass"] * 5 + ["later"] * 3 + ["lose", "lose the answer", "refuse"]
# A request is lost or refused so often at most.
MOST = 2


class Network:
    """Stands between a page and the server; `pump` lets go what has waited for long enough."""

    def __init__(self, page: Page, random: Random) -> None:
        self.commands: set[str] = set()
        self.conflicts = 0
        self.calm = False
        self._random = random
        self._page = page
        self._waiting: list[tuple[int, Callable[[Route], None], Route]] = []
        self._troubles: Counter[str] = Counter()
        for address in ("**/commands", "**/speakers/*", "**/changes?*", "**/figures?*"):
            page.route(address, self._meet)
        page.on("response", self._count)

    def pump(self) -> None:
        """A step of time: those whose time has come go on."""
        waiting, self._waiting = self._waiting, []
        for steps, act, route in waiting:
            if steps > 0 and not self.calm:
                self._waiting.append((steps - 1, act, route))
            else:
                act(route)

    def close(self) -> None:
        """Nothing is awaited any more."""
        self._page.unroute_all(behavior="ignoreErrors")

    def _meet(self, route: Route) -> None:
        way = "pass" if self.calm else self._random.choice(WAYS)
        name = route.request.post_data or route.request.url
        if way in ("lose", "lose the answer", "refuse"):
            self._troubles[name] += 1
            way = way if self._troubles[name] <= MOST else "pass"
        if way == "later":
            self._waiting.append((self._random.randint(1, 6), self._go_on, route))
        elif way == "lose":
            route.abort()
        elif way == "refuse":
            route.fulfill(status=503, body="busy")
        elif way == "lose the answer":
            self._waiting.append((0, self._lose_answer, route))
        else:
            self._go_on(route)

    # A page that was left has no requests any more.
    def _go_on(self, route: Route) -> None:
        with suppress(Error):
            route.continue_()

    def _lose_answer(self, route: Route) -> None:
        with suppress(Error):
            self._note(route.fetch(timeout=10_000).status)
            route.abort()

    def _count(self, response: Response) -> None:
        if response.request.method in ("POST", "PUT"):
            self.commands |= set(_client_ids(response.request.post_data))
            self._note(response.status)

    def _note(self, status: int) -> None:
        self.conflicts += status == 409


def _client_ids(body: str | None) -> Iterator[str]:
    with suppress(ValueError):
        sent = json.loads(body or "")
        if "client_id" in sent:
            yield sent["client_id"]
