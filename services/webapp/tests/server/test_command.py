"""`debate-webapp` as the pipeline and `make web` run it."""

import json
import re
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from debate_webapp import __version__
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.accounts.users import get_user
from debate_webapp.database.engine import make_engine
from debate_webapp.database.models import AuditEntry
from servers import COMMAND, free_port, start_site, stop_site
from sqlalchemy import select
from sqlalchemy.orm import Session


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def bare_root(root: Path) -> Path:
    """A store that no web application has seen yet."""
    (root / "webapp.sqlite3").unlink()
    return root


def test_registering_prints_one_line_and_again_says_unchanged(
    bare_root: Path, make_job: Callable[..., Path]
) -> None:
    uri = str(make_job())
    first, again = (run("register", uri, STORAGE_ROOT=str(bare_root)) for _ in range(2))

    assert (first.returncode, again.returncode) == (0, 0)
    assert first.stdout == "debate 1, version 1: Town hall: free buses (registered)\n"
    assert again.stdout.endswith("(registered before, unchanged)\n")
    assert first.stderr == again.stderr == ""


def test_json_lines_for_the_pipeline(root: Path, make_job: Callable[..., Path]) -> None:
    reply = run("register", str(make_job()), STORAGE_ROOT=str(root), LOG_FORMAT="json")

    record = json.loads(reply.stderr)
    assert reply.stdout == ""
    assert (record["stage"], record["event"], record["skipped"]) == ("register", "finished", False)
    assert record["outputs"] == ["/debates/1"]


@pytest.mark.parametrize(
    ("uri", "env", "code", "sentence"),
    [
        ("/etc/passwd", {}, 65, "is not inside the store"),
        ("jobs/a/transcripts/a_transcription.json", {}, 66, "is not in the store"),
        ("jobs/a/b.json", {}, 65, "is not a transcript"),
        ("x", {"DATABASE_URL": "mysql://x"}, 64, "DATABASE_URL must start with"),
        ("x", {"STORAGE_ROOT": "s3://b"}, 64, "set DATABASE_URL"),
        ("x", {"LOG_FORMAT": "xml"}, 64, "--log-format"),
        ("x", {"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, 75, "database cannot be reached"),
    ],
)
def test_failures_are_one_sentence_with_the_contracts_code(
    root: Path, uri: str, env: dict[str, str], code: int, sentence: str
) -> None:
    reply = run("register", uri, **{"STORAGE_ROOT": str(root)} | env)

    assert reply.returncode == code
    assert sentence in reply.stderr
    assert reply.stderr.count("\n") == 1
    assert "Traceback" not in reply.stderr


def test_a_bad_transcript_is_65(root: Path, make_job: Callable[..., Path]) -> None:
    path = make_job()
    path.write_text("{")

    assert run("register", str(path), STORAGE_ROOT=str(root)).returncode == 65


def test_help_and_version() -> None:
    assert run("--version").stdout.strip().endswith(__version__)
    assert "STORAGE_ROOT" in run("--help").stdout
    assert run().returncode == 64
    assert run("register").returncode == 64


def test_another_account_has_a_link_for_its_password_and_another_role(root: Path) -> None:
    env = {"STORAGE_ROOT": str(root), "ALLOWED_HOSTS": ".debates.example,www.debates.example"}
    reply = run("add-user", "petr", "--role", "reader", **env)
    link = r"https://www\.debates\.example/reset/[\w-]{43}"
    assert re.fullmatch(rf"petr is reader; password: {link}\n", reply.stdout)
    assert run("set-role", "petr", "administrator", **env).stdout == "petr is administrator\n"
    alone = run("set-role", "petr", "editor", **env)
    assert alone.returncode == 65
    assert "petr is the only administrator" in alone.stderr
    assert re.fullmatch(link + "\n", run("reset-link", "petr", **env).stdout)


def test_a_password_comes_from_the_environment_and_is_not_repeated(root: Path) -> None:
    env = {"STORAGE_ROOT": str(root), "USER_PASSWORD": "a password of theirs"}
    said = [run(*command, **env) for command in (["add-user", "eva"], ["set-password", "editor"])]

    assert [one.returncode for one in said] == [0, 0]
    assert not any("of theirs" in one.stdout + one.stderr for one in said)


def test_the_first_link_can_be_asked_for_until_there_is_an_account(bare_root: Path) -> None:
    first = run("set-up-link", STORAGE_ROOT=str(bare_root))
    assert re.fullmatch(r"http://localhost:8000/set-up/[\w-]{43}\n", first.stdout)

    run("add-user", "ana", STORAGE_ROOT=str(bare_root))
    assert "there are accounts" in run("set-up-link", STORAGE_ROOT=str(bare_root)).stdout


def test_who_lost_the_phone_of_the_only_administrator_comes_in_again(root: Path, db) -> None:
    user = get_user(db, "editor")
    user.code_secret = "encrypted"
    db.commit()

    reply = run("second-factor-off", "editor", STORAGE_ROOT=str(root))
    db.refresh(user)

    assert reply.stdout == "signing in as editor asks for no code any more\n"
    assert user.code_secret is None
    assert db.scalars(select(AuditEntry.action)).all()[-1] == "factor-off"
    assert run("second-factor-off", "nobody", STORAGE_ROOT=str(root)).returncode == 66


def test_a_link_is_for_the_port_of_the_site(root: Path) -> None:
    reply = run("reset-link", "editor", STORAGE_ROOT=str(root), PORT="8123")
    assert reply.stdout.startswith("http://localhost:8123/reset/")


def test_migrating(bare_root: Path) -> None:
    assert run("migrate", STORAGE_ROOT=str(bare_root)).returncode == 0
    assert (bare_root / "webapp.sqlite3").exists()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(bare_root: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [COMMAND, "serve", "--port", str(port)],
        env={"STORAGE_ROOT": str(bare_root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_the_first_start_says_where_it_is_and_how_to_begin(server, port: int, bare_root) -> None:
    lines = [server.stdout.readline() for _ in range(4)]

    assert lines[0] == f"Debate Analyzer is at http://localhost:{port}\n"
    link = rf"Make the first account: http://localhost:{port}/set-up/[\w-]{{43}}\n"
    assert re.fullmatch(link, lines[1])
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as reply:
        assert reply.read() == b"ok\n"
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"http://127.0.0.1:{port}/debates/1", timeout=20)
    foreign = Request(f"http://127.0.0.1:{port}/", headers={"Host": f"evil.example:{port}"})
    with pytest.raises(HTTPError, match="400"):
        urlopen(foreign, timeout=20)
    modes = [stat.S_IMODE(file.stat().st_mode) for file in bare_root.glob("webapp.*")]
    assert modes == [0o600] * len(modes)
    assert len(modes) >= 2

    busy = run("serve", "--port", str(port), STORAGE_ROOT=str(bare_root))
    assert busy.returncode == 64
    assert f"port {port} on 127.0.0.1 cannot be used" in busy.stderr
    assert busy.stderr.count("\n") == 1


def test_a_first_start_with_a_password_makes_the_account_and_prints_none(bare_root: Path) -> None:
    secret = {"ADMIN_PASSWORD": "a password of a secret", "ADMIN_USERNAME": "chief"}
    process, _ = start_site(bare_root, **secret)
    said = process.stdout.readline()
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    stop_site(process)

    assert "Ctrl-C" in said
    assert b"a password of a secret" not in environment
    engine = make_engine(f"sqlite:///{bare_root}/webapp.sqlite3")
    with Session(engine) as session:
        user = authenticate(session, "chief", secret["ADMIN_PASSWORD"], "192.0.2.1")
        assert (user.username, user.role) == ("chief", "administrator")
    engine.dispose()
