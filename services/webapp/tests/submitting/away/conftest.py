import tempfile
from collections.abc import Iterator

import pytest
from jobs_elsewhere import Elsewhere
from newsrooms import Newsroom


@pytest.fixture
def elsewhere(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    (newsroom.root / "runs").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(newsroom.root / "runs"))
    newsroom.control.rmdir()
    room = Elsewhere(newsroom.root, newsroom.sessions)
    yield room
    room.end()
    for keeper in room.keepers:
        keeper._follower.stop()
