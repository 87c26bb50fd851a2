"""All media, made and heard once; each test looks at one."""

import pytest
from media.heard import Heard, hear_all
from media.table import make_all, speak


@pytest.fixture(scope="session")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder = tmp_path_factory.mktemp("media")
    base = speak(folder)
    make_all(base, folder)
    jobs = tmp_path_factory.mktemp("store") / "jobs"
    jobs.mkdir()
    return hear_all(base, folder, jobs)
