"""When garbage is collected (database/connections/collector.py)."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session


def test_no_instance_is_collected_at_while_it_gets_its_attributes() -> None:
    program = [sys.executable, "-X", "faulthandler", str(Path(__file__).with_name("half_made.py"))]
    environment = {**os.environ, "PYTHONMALLOC": "debug"}
    done = subprocess.run(
        program, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]


def test_garbage_goes_when_a_transaction_ends(db: Session) -> None:
    class Cycle:
        me: "Cycle"

    gone: list[object] = []
    for _ in range(2000):
        one = Cycle()
        one.me = one
        weakref.finalize(one, gone.append, None)
    db.execute(text("SELECT 1"))
    db.rollback()

    assert len(gone) > 1000
    assert gc.isenabled() == (sys.version_info >= (3, 12))
