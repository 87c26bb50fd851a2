"""An editor who presses random keys on the page of a debate."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import BrowserContext, Dialog, Locator
from playwright.sync_api import TimeoutError as TooLate
from trouble import Network

# Letters that are no keys of the list, should a word come late.
LETTERS = "abcdfhopqtvwxyz"


class Typist:
    """One of the two: a page, and what was done on it with words."""

    def __init__(self, name: str, context: BrowserContext, random: Random, words: Iterator[str]):
        self.name = name
        self.page = context.new_page()
        self.page.add_init_script(path=Path(__file__).with_suffix(".js"))
        self.network = Network(self.page, random)
        self.typed: set[str] = set()
        self.given_up: set[str] = set()
        self.faults: list[str] = []
        self._random, self._words = random, words
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        accepted = dialog.type == "beforeunload" or self._random.random() < 0.7
        dialog.accept() if accepted else dialog.dismiss()

    def act(self) -> str:
        """Do something; what it was."""
        forms = self.page.locator(".segment form").count()
        acts = self._in_form() if forms and self._random.random() < 0.8 else self._in_list()
        act = self._random.choice(acts)
        with suppress(TooLate):  # what was there to click has gone meanwhile
            act()
        self.page.wait_for_timeout(self._random.choice([0, 0, 20, 60]))
        self.network.pump()
        self._collect()
        return act.__name__.strip("_")

    def _in_list(self) -> list[Callable[[], None]]:
        letters = [self._key] * 6 + [self._undo] * 2 + [self._review]
        return (
            [self._edit] * 4
            + letters
            + [self._cut, self._name, self._look, self._draft, self._reload]
        )

    def _in_form(self) -> list[Callable[[], None]]:
        keys = [self._save, self._save_and_type, self._split, self._split_twice]
        others = [
            self._edit,
            self._button,
            self._choose,
            self._cancel,
            self._solve,
            self._undo,
            self._review,
        ]
        return [self._type] * 6 + keys * 2 + others

    # --- in the list

    def _focus(self) -> Locator:
        times = self.page.locator(".segment .time")
        time = times.nth(self._random.randrange(times.count()))
        time.focus()
        return time

    def _key(self) -> None:
        self._focus()
        key = self._random.choice(["r", "1", "2", "3", "4", "u", "m", "m", "Shift+M", "n"])
        for _ in range(self._random.choice([1, 1, 1, 2])):
            self.page.keyboard.press(key)

    def _undo(self) -> None:
        if not self.page.locator(".segment form").count():
            self._focus()
        for _ in range(self._random.randint(1, 3)):
            button = self._random.choice(["#undo", "#undo", "#redo"])
            self.page.evaluate("name => fuzzing.click(name, 1)", button)

    def _review(self) -> None:
        marks = self.page.locator(".review")
        marks.nth(self._random.randrange(marks.count())).evaluate(
            "mark => { mark.click(); mark.click(); }"
        )

    def _cut(self) -> None:
        segment = self._focus().locator("xpath=..")
        segment.evaluate("(s, part) => fuzzing.seek(s, part)", self._random.random())
        self.page.keyboard.press("s")

    def _edit(self) -> None:
        buttons = self.page.locator(".segment .edit")
        buttons.nth(self._random.randrange(buttons.count())).evaluate("button => button.click()")

    def _name(self) -> None:
        forms = self.page.locator("#speakers form")
        field = forms.nth(self._random.randrange(forms.count())).locator("input[name=name]")
        field.fill(self._random.choice(["Ana", "Petr", "Eva", ""]))
        for _ in range(self._random.choice([1, 2])):
            field.press("Enter")

    def _look(self) -> None:
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def _draft(self) -> None:
        notes = self.page.locator(".unsaved")
        if not notes.count():
            return
        if self._random.random() < 0.5 and notes.first.locator(".resume").is_visible():
            notes.first.locator(".resume").evaluate("button => button.click()")
        else:
            self._give_up(notes.first.locator("blockquote").text_content())
            notes.first.locator(".discard").evaluate("button => button.click()")

    def _reload(self) -> None:
        if self._random.random() < 0.5:
            self._collect()
            self.page.reload(wait_until="load")

    # --- in a form

    def _text(self) -> Locator:
        texts = self.page.locator(".segment textarea")
        return texts.nth(self._random.randrange(max(1, texts.count())))

    def _type(self) -> None:
        if not self._text_focused():
            return
        self.page.keyboard.type(f" {next(self._words)} ")

    def _text_focused(self) -> bool:
        text = self._text()
        if not text.count():
            return False
        text.evaluate("(field, at) => fuzzing.place(field, at)", self._random.random())
        return True

    def _save(self) -> None:
        if self._text_focused():
            self.page.keyboard.press("Control+Enter")

    def _save_and_type(self) -> None:
        self._save()
        self.page.keyboard.type(f" {next(self._words)} ")

    def _split(self) -> None:
        if self._text_focused():
            self.page.keyboard.press("Control+Shift+Enter")

    def _split_twice(self) -> None:
        self._split()
        self.page.keyboard.press("Control+Shift+Enter")

    def _button(self) -> None:
        name = self._random.choice([".primary", ".split", ".merge"])
        self.page.evaluate("name => fuzzing.click(`.segment form ${name}`, 2)", name)

    def _choose(self) -> None:
        choices = self.page.locator(".segment form select").first
        if not choices.count():
            return
        values = choices.evaluate("list => [...list.options].map((option) => option.value)")
        value = self._random.choice(values)
        choices.select_option(value=value)
        if value == "+":
            field = self.page.locator(".segment form input[name=name]").first
            field.fill(self._random.choice(["Ana", "Petr", "Eva"]))
            field.press("Enter")
            self.page.keyboard.press("Enter")

    def _cancel(self) -> None:
        """Up to a word is given up without a question."""
        if not self._text_focused():
            return
        texts = self._typed_texts()
        self.page.keyboard.press("Escape")
        self._give_up(*texts, kept=" ".join(self.kept()))

    def _typed_texts(self) -> list[str]:
        return [text.input_value() for text in self.page.locator(".segment textarea").all()]

    def _give_up(self, *texts: str | None, kept: str = "") -> None:
        """Words that are in these texts alone."""
        shown = " ".join([kept, *self.page.locator(".segment .text").all_text_contents()])
        self.given_up |= set(" ".join(filter(None, texts)).split()) - set(shown.split())

    def _solve(self) -> None:
        """Keep mine, or use theirs; the words of the other are given up."""
        conflict = self.page.locator(".segment .conflict:visible").first
        if not conflict.count():
            return
        keep = conflict.locator(".keep")
        if keep.is_visible() and self._random.random() < 0.5:
            mine = set(conflict.locator("xpath=..").locator("textarea").input_value().split())
            theirs = set((conflict.locator("blockquote").text_content() or "").split())
            self.given_up |= theirs - mine
            keep.evaluate("button => button.click()")
        else:
            theirs = conflict.locator("blockquote").text_content() or ""
            self._give_up(*self._typed_texts(), kept=theirs)
            conflict.locator(".take").evaluate("button => button.click()")

    # --- for whoever compares

    def _collect(self) -> None:
        self.typed |= set(self.page.evaluate("fuzzing.typed()"))

    def shown(self) -> dict[str, Any]:
        """What the page shows."""
        found: dict[str, Any] = self.page.evaluate("fuzzing.shown()")
        return found

    def kept(self) -> set[str]:
        """Words in forms and drafts."""
        return set(self.page.evaluate("fuzzing.kept()").split())

    def settle(self) -> bool:
        """A step towards rest: no form open, nothing on its way, no name typed and not saved."""
        self.network.calm = True
        self.network.pump()
        self._collect()
        state = self.page.locator("#saving").get_attribute("data-state")
        if state in ("saving", "waiting"):
            self.page.wait_for_timeout(50)
            return False
        with suppress(TooLate):
            return self._step_to_rest()
        return False

    def _step_to_rest(self) -> bool:
        if self.page.locator(".segment .conflict:visible").count():
            self._solve()
        elif self.page.locator(".segment form").count():
            self._save() if self._random.random() < 0.7 else self._cancel()
        else:
            return self._settle_names()
        self.page.wait_for_timeout(50)
        return False

    def _settle_names(self) -> bool:
        touched = self.page.evaluate("fuzzing.saveName()")
        self.page.wait_for_timeout(50)
        return not touched
