from collections.abc import Iterator

import pytest
from hooks import Hook


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()
