"""A site with sixty debates answers every request, and its processes live (SITE-FAULTS §7)."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from debate_webapp.database.engine import make_engine
from debate_webapp.database.models import Person, Transcript, User
from debate_webapp.editing.edits import assign_label
from debate_webapp.editing.log import Author
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.settings import DATABASE_FILE
from servers import start_site, stop_site
from soak import DEBATES, PEOPLE, addresses, open_site
from sqlalchemy.orm import Session
from stores import transcript_document

REQUESTS = 300


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, database_file: Path) -> Path:
    """Sixty published debates among eight people."""
    root = tmp_path_factory.mktemp("store")
    shutil.copy(database_file, root)
    engine = make_engine(f"sqlite:///{root / DATABASE_FILE}")
    with Session(engine, expire_on_commit=False) as session:
        people = [Person(slug=f"person-{n}", name=f"Person {n}") for n in range(PEOPLE)]
        session.add_all(people)
        for n in range(DEBATES):
            _publish(session, root, n, people)
    engine.dispose()
    return root


def _publish(session: Session, root: Path, n: int, people: list[Person]) -> None:
    user = session.get_one(User, 1)
    path = root / "jobs" / f"job-{n}" / "transcripts" / f"{n}_transcription.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(transcript_document(media={"source": {"title": f"Debate {n}"}})))
    transcript: Transcript = register(session, LocalStore(str(root)), str(path)).transcript
    transcript.published = True
    for at, speaker in enumerate(transcript.speakers):
        author = Author(user, f"{n}-{at}")
        assign_label(
            session, speaker, lambda at=at: people[(n + at) % PEOPLE], speaker.version, author
        )
    session.commit()


def test_one_process_under_the_debug_allocator(store: Path) -> None:
    soak = [sys.executable, str(Path(__file__).with_name("soak.py")), str(store), str(REQUESTS)]
    environment = {**os.environ, "PYTHONMALLOC": "debug"}
    done = subprocess.run(
        soak, env=environment, capture_output=True, text=True, timeout=100, check=False
    )

    assert done.stdout == "every request was answered\n", done.stderr[-2000:]
    assert done.returncode == 0


def test_the_server_asked_by_curl(store: Path) -> None:
    paths = list(islice(addresses(open_site(str(store))), REQUESTS))
    process, port = start_site(store)
    asked = "".join(
        f'url = "http://127.0.0.1:{port}{path}"\noutput = /dev/null\n' for path in paths
    )
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--config", "-", "--write-out", "%{http_code}\n"],
        input=asked,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    stop_site(process)

    assert (done.returncode, done.stderr) == (0, "")
    codes = Counter(done.stdout.split())
    assert codes.total() == REQUESTS
    assert all(code < "500" for code in codes), codes
    assert codes["200"] > 0.7 * REQUESTS  # some links are no longer valid, some pages for others
