"""Typed access to one stack's configuration, with a sentence for everything that is not right."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from debate_infra.settings.errors import SettingError

_TRUE_FALSE = {"true": True, "false": False}


class Configuration:
    """The project's section of the stack configuration; remembers which keys were asked for."""

    def __init__(self) -> None:
        self._config = pulumi.Config()
        self.asked: set[str] = set()

    def text(self, key: str) -> str | None:
        """The text under the key, without blanks around it; None when missing or empty."""
        self.asked.add(key)
        return (self._config.get(key) or "").strip() or None

    def matching(self, key: str, pattern: re.Pattern[str], wanted: str) -> str | None:
        """The text under the key, all of which has the pattern; `wanted` says it in words."""
        given = self.text(key)
        if given is not None and not pattern.fullmatch(given):
            raise SettingError(key, f"'{given}' is not {wanted}")
        return given

    def secret(self, key: str) -> pulumi.Output[str] | None:
        """The text under the key as a value that Pulumi keeps encrypted."""
        return self._config.get_secret(key) if self.text(key) else None

    def is_in_clear(self, key: str) -> bool:
        """Whether the key was set without `--secret`."""
        return bool(self.text(key)) and not pulumi.runtime.is_config_secret(
            self._config.full_key(key)
        )

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        given = self.text(key)
        if given is None:
            return default
        if given.lower() not in _TRUE_FALSE:
            raise SettingError(key, f"'{given}' is neither true nor false")
        return _TRUE_FALSE[given.lower()]

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number between two bounds, both allowed."""
        given = self.text(key)
        try:
            number = default if given is None else int(given)
        except ValueError:
            raise SettingError(key, f"'{given}' is not a whole number") from None
        if not least <= number <= most:
            raise SettingError(key, f"{number} is not between {least} and {most}")
        return number

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list: JSON, as `pulumi config set --path` writes it, or words between commas."""
        given = self.text(key)
        if given is None:
            return default
        value = _parse(key, given) if given.startswith("[") else given.split(",")
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingError(key, f"'{given}' is not a list of texts")
        return tuple(item.strip() for item in value if item.strip())

    def table(self, key: str) -> Mapping[str, str]:
        """Names and texts, as `pulumi config set --path KEY.NAME TEXT` writes them."""
        given = self.text(key)
        value = {} if given is None else _parse(key, given)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise SettingError(key, f"'{given}' is not a table of texts")
        return value

    def unknown_keys(self) -> list[str]:
        """A sentence for every key of the stack that nothing has asked for."""
        prefix = self._config.full_key("")
        given = pulumi.runtime.config.get_config_env() | pulumi.runtime.config.CONFIG.get()
        names = {key.removeprefix(prefix) for key in given if key.startswith(prefix)}
        return [self._explain_unknown(name) for name in sorted(names - self.asked)]

    def _explain_unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.asked, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{name}: no such setting, so it does nothing{hint}"


def _parse(key: str, given: str) -> Any:
    try:
        return json.loads(given)
    except ValueError as error:
        raise SettingError(key, f"'{given}' is not valid JSON ({error})") from error
