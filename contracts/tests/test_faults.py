"""What the disk and S3 refuse, in one sentence each, and whether trying again helps."""

import errno
import os
import resource
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.config import Config
from debate_contract import storage
from debate_contract.errors import (
    BadInput,
    DiskFull,
    InputNotFound,
    StageError,
    TemporaryFault,
    UsageFault,
)
from debate_contract.storage import s3 as connections
from refusing import Refusing, Reply

PLACE = "s3://debates/jobs/x.json"


def reading() -> bytes:
    return storage.read(storage.locate(PLACE))


@pytest.mark.parametrize(
    ("place", "settings", "words"),
    [
        ("s3://My Bucket/x", {}, "My Bucket"),
        ("s3://debates", {}, "s3://debates"),
        (PLACE, {"AWS_DEFAULT_REGION": "eu central"}, "eu central"),
        (PLACE, {"AWS_ENDPOINT_URL": "localhost:9000"}, "AWS_ENDPOINT_URL is no address"),
        (PLACE, {"AWS_CONFIG_FILE": __file__}, "Unable to parse config file"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_what_no_other_attempt_can_mend_is_the_users_to_mend(
    place: str, settings: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(UsageFault, match=words):
        storage.read(storage.locate(place))


def test_a_folder_in_the_way_of_a_file_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()

    with pytest.raises(UsageFault, match=r"people\.csv cannot be read or written: Is a directory"):
        storage.write(tmp_path / "people.csv", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


@pytest.mark.parametrize(
    ("status", "code", "error", "words"),
    [
        (404, "NoSuchKey", InputNotFound, "x.json does not exist"),
        (404, "NoSuchBucket", InputNotFound, "x.json does not exist"),
        (400, "ExpiredToken", UsageFault, "have expired: sign in"),
        (403, "RequestExpired", UsageFault, "have expired: sign in"),
        (403, "InvalidAccessKeyId", UsageFault, "does not know the credentials"),
        (403, "SignatureDoesNotMatch", UsageFault, "does not know the credentials"),
        (403, "AccessDenied", UsageFault, "refuses access to s3://debates/jobs/x.json"),
        (400, "KMS.DisabledException", UsageFault, "refuses access"),
        (400, "IllegalLocationConstraintException", UsageFault, "another AWS region"),
        (403, "InvalidObjectState", BadInput, "is archived: restore it"),
        (503, "SlowDown", TemporaryFault, "could not serve"),
        (429, "TooManyRequests", TemporaryFault, "could not serve"),
        (500, "InternalError", TemporaryFault, "could not serve"),
        (400, "RequestTimeout", TemporaryFault, "could not serve"),
        (400, "InvalidArgument", UsageFault, "refuses what was asked"),
    ],
)
@pytest.mark.usefixtures("quick_retries")
def test_a_refusal_of_s3_is_a_sentence_about_the_place(
    refusing: Refusing, status: int, code: str, error: type[StageError], words: str
) -> None:
    refusing.replies = [Reply(status, code)]

    with pytest.raises(error) as raised:
        reading()
    assert type(raised.value) is error
    assert words in str(raised.value)
    assert PLACE in str(raised.value)


@pytest.mark.usefixtures("quick_retries")
def test_throttling_is_waited_for_and_not_for_ever(refusing: Refusing) -> None:
    refusing.replies = [Reply(503, "SlowDown"), Reply(503, "SlowDown"), Reply(content=b"here")]
    assert reading() == b"here"

    refusing.asked.clear()
    refusing.replies = [Reply(503, "SlowDown")]
    with pytest.raises(TemporaryFault):
        reading()
    assert len(refusing.asked) == 3


def test_what_lasts_is_not_tried_again(refusing: Refusing) -> None:
    refusing.replies = [Reply(403, "AccessDenied")]

    with pytest.raises(UsageFault):
        reading()
    assert len(refusing.asked) == 1


def every_use(tmp_path: Path) -> dict[str, Callable[[], object]]:
    place = storage.locate(PLACE)
    (tmp_path / "made").write_bytes(b"film")
    return {
        "read": lambda: storage.read(place),
        "size": lambda: storage.size_of(place),
        "list": lambda: storage.list_files(place, deep=True),
        "write": lambda: storage.write(place, b"x"),
        "publish": lambda: storage.publish(tmp_path / "made", place),
        "fetch": lambda: storage.fetch(place, tmp_path),
        "remove": lambda: storage.remove(place),
        "remove_tree": lambda: storage.remove_tree(place),
    }


USES = ["read", "size", "list", "write", "publish", "fetch", "remove", "remove_tree"]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(403, "AccessDenied", UsageFault), (503, "SlowDown", TemporaryFault)],
)
@pytest.mark.usefixtures("quick_retries")
def test_every_use_of_s3_explains_itself(
    refusing: Refusing, tmp_path: Path, use: str, status: int, code: str, error: type[StageError]
) -> None:
    refusing.replies = [Reply(status, code)]

    with pytest.raises(error, match=PLACE):
        every_use(tmp_path)[use]()


@pytest.mark.parametrize("use", USES)
def test_without_credentials_the_user_is_told_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, use: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(UsageFault, match=r"no usable AWS credentials for s3://.*sign in"):
        every_use(tmp_path)[use]()


def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(UsageFault, match="nobody"):
        reading()


@pytest.mark.usefixtures("quick_retries")
def test_an_endpoint_that_refuses_connections_is_temporary(
    refusing: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(TemporaryFault, match="cannot be reached"):
        reading()


@pytest.mark.usefixtures("quick_retries")
def test_a_connection_that_breaks_off_within_the_content_is_temporary(
    refusing: Refusing, tmp_path: Path
) -> None:
    refusing.replies = [Reply(content=b"x" * 1000, sent=10)]

    with pytest.raises(TemporaryFault, match="cannot be reached"):
        reading()
    with pytest.raises(TemporaryFault):
        storage.fetch(storage.locate(PLACE), tmp_path)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def mute() -> Iterator[str]:
    """A server that takes connections and resets or leaves them without a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_says_nothing_is_waited_for_within_bounds(
    refusing: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (connections.CONFIG.connect_timeout, connections.CONFIG.read_timeout) == (5, 30)
    quick = Config(read_timeout=0.05, retries={"total_max_attempts": 1})
    monkeypatch.setattr(connections, "CONFIG", connections.CONFIG.merge(quick))
    with mute() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(TemporaryFault, match="cannot be reached"):
            reading()


def test_another_thing_may_be_named_and_said_in_other_words(refusing: Refusing) -> None:
    refusing.replies = [Reply(404, "NoSuchBucket")]
    client = connections.client("s3", "eu-central-1")

    gone = storage.Fault(UsageFault, "run make up in {thing}")
    with (
        pytest.raises(UsageFault, match=r"^run make up in eu-central-1$"),
        storage.explained("eu-central-1", {"missing": gone}),
    ):
        client.list_objects_v2(Bucket="gone")


def test_a_fault_of_ours_stays_what_it_is() -> None:
    with pytest.raises(KeyError), storage.explained("x"):
        raise KeyError("ours")


# --- the disk ------------------------------------------------------------------------------------


@contextmanager
def full_disk() -> Iterator[None]:
    """This process may write files of 1000 bytes at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    storage.write(place, b"one")

    with full_disk(), pytest.raises(DiskFull, match="the disk is full: free some space"):
        storage.write(place, b"two" * 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert place.read_bytes() == b"one"


def test_a_disk_that_fails_when_it_settles_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(TemporaryFault, match=r"x\.json cannot be read or written just now"):
        storage.write(tmp_path / "x.json", b"one")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that nobody may write to, nor this process, be it root's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "x.json").write_bytes(b"one")
        (folder / "x.json").chmod(0o600)
        folder.chmod(0o555)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        else:
            (folder / "x.json").chmod(0)
        yield folder
        os.seteuid(before)
        folder.chmod(0o755)


@pytest.mark.parametrize("use", ["read", "write", "remove", "workplace"])
def test_a_place_without_permission_is_wrong_usage_and_named(locked: Path, use: str) -> None:
    def work() -> None:
        with storage.workplace(locked):
            pass

    uses: dict[str, Callable[[], object]] = {
        "read": lambda: storage.read(locked / "x.json"),
        "write": lambda: storage.write(locked / "y.json", b"two"),
        "remove": lambda: storage.remove(locked / "x.json"),
        "workplace": work,
    }
    with pytest.raises(UsageFault, match=f"{locked}.* cannot be read or written"):
        uses[use]()


def test_a_file_in_the_way_is_wrong_usage_and_named(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")

    for use in (storage.read, lambda place: storage.write(place, b"")):
        with pytest.raises(UsageFault, match=r"folder.* cannot be read or written"):
            use(tmp_path / "folder" / "x")
    with pytest.raises(UsageFault, match="cannot be read or written: Is a directory"):
        storage.read(tmp_path)


def test_of_the_whole_run_only_what_the_user_can_mend_is_a_disk_fault() -> None:
    full = storage.disk_fault(OSError(errno.ENOSPC, "No space left on device"))

    assert isinstance(full, DiskFull)
    assert isinstance(storage.disk_fault(PermissionError(errno.EACCES, "no", "/x")), UsageFault)
    assert storage.disk_fault(OSError(errno.EIO, "Input/output error")) is None
    assert storage.disk_fault(ValueError("ours")) is None
