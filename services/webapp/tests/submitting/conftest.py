from pathlib import Path

import pytest
from debate_webapp.settings import Settings
from newsrooms import FAKE


@pytest.fixture
def settings(root: Path) -> Settings:
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "DEBATE_COMMAND": str(FAKE)}
    return Settings.from_env(env)
