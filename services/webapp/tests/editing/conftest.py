from collections.abc import Callable
from pathlib import Path

import pytest
from clients import CheckedClient
from desks import Desk
from sqlalchemy.orm import Session


@pytest.fixture
def desk(debate: CheckedClient, db: Session, root: Path, make_job: Callable[..., Path]) -> Desk:
    return Desk(debate, db, root, make_job)
