"""A site on the loopback interface, and the sample debate submitted from one for all tests."""

from collections.abc import Iterator

import pytest
from checkout import SAMPLE
from jobs import Submission, submit
from serving.loopback import Site, running_site


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture(scope="session")
def submission(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Submission]:
    with running_site() as site:
        url = site.serve("free-buses.mp4", SAMPLE)
        yield submit(url, tmp_path_factory.mktemp("store"))
