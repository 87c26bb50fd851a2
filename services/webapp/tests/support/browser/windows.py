"""A window of Chromium that tests have one after the other.

Opening one and compiling a debate's page in it takes a second and a half of CPU, going on to the
next debate a third of that.
"""

from collections.abc import Callable
from typing import Any

from browsers import STILL, WIDE
from playwright.sync_api import Browser, BrowserContext, Error
from servers import Site


class KeptWindow:
    """An editor's window; `said` is what its first page said on the console.

    What a test cannot take back, a clock, a listener, a script for all pages, closes it.
    """

    def __init__(self, browser: Browser) -> None:
        self.said: list[str] = []
        self._browser = browser
        self._site: Site | None = None
        self._context: BrowserContext | None = None
        self._is_spoilt = False

    def lend(self, site: Site) -> BrowserContext:
        """The window on this site, as if it were new."""
        if site is not self._site:
            self._close()
        context = self._context or self._open(site)
        self.said.clear()
        return context

    def take_back(self) -> None:
        """Have it as it was lent, or close it."""
        try:
            if not self._is_spoilt:
                self._clean()
        except Error:  # its page is closed, or the site is away
            self._is_spoilt = True
        if self._is_spoilt:
            self._close()

    def _close(self) -> None:
        if self._context:
            self._context.close()
        self._context = None

    def _open(self, site: Site) -> BrowserContext:
        context = self._browser.new_context(
            base_url=site.address, viewport=WIDE, storage_state=site.cookies
        )
        context.set_default_timeout(20_000)
        context.add_init_script(STILL)
        page = self._page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        self._context, self._site, self._is_spoilt = context, site, False
        for owner, name in (
            (page, "on"), (page, "add_init_script"), (context, "add_init_script"),
            (context.clock, "install"),
        ):  # fmt: skip
            setattr(owner, name, self._spoiling(getattr(owner, name)))
        return context

    def _spoiling(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def spoil(*arguments: Any, **named: Any) -> Any:
            self._is_spoilt = True
            return act(*arguments, **named)

        return spoil

    def _clean(self) -> None:
        page, context = self._page, self._page.context
        for other in context.pages[1:]:
            other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.goto("/healthz")  # of the same site, so in the same process
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.mouse.move(0, 0)
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="null")
        context.clear_cookies()
        context.add_cookies(self._site.cookies["cookies"] if self._site else [])
