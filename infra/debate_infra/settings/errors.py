"""What the program says when a setting cannot be used."""

import pulumi


class SettingError(pulumi.RunError):
    """A setting is missing, malformed or contradicts another; printed without a traceback."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
