"""Chromium plays recordings from buckets of three regions, under S3's own names on loopback."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from debate_webapp import create_app
from debate_webapp.settings import DATABASE_FILE, Settings
from pages import until
from playwright.sync_api import Browser, Page, expect
from s3_hosts import SECRET, SUFFIXES, S3Hosts, host_of, s3_hosts
from stores import publish, put_job
from werkzeug.serving import make_server

# Flask-Compress leaves files of /static to the collector, which elsewhere is that of a process of
# its own.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

REGIONS = {
    "debates-us": "us-east-1",
    "debates-eu": "eu-central-1",
    "debates-cn": "cn-north-1",
}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[S3Hosts]:
    with s3_hosts(tmp_path_factory.mktemp("s3"), REGIONS, recording.read_bytes()) as hosts:
        yield hosts


@pytest.fixture(scope="module")
def aware(browser: Browser, hosts: S3Hosts) -> Iterator[Browser]:
    """A browser for which AWS's names lead to the emulator."""
    chromium = shutil.which("chromium")
    rules = ", ".join(f"MAP *{suffix} 127.0.0.1:{hosts.port}" for suffix in SUFFIXES)
    aware = browser.browser_type.launch(
        executable_path=chromium,
        args=["--no-sandbox", "--ignore-certificate-errors", f"--host-resolver-rules={rules}"],
    )
    yield aware
    aware.close()


@pytest.fixture
def resolved(hosts: S3Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """For this process, too."""
    resolve = socket.getaddrinfo

    def resolve_here(host: str, port: int, *more: object, **named: object) -> object:
        if host.endswith(SUFFIXES):
            host, port = "127.0.0.1", hosts.port
        return resolve(host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it may know other tests' credentials
    monkeypatch.setenv("AWS_CA_BUNDLE", str(hosts.certificate))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def database(tmp_path: Path, database_file: Path, recording: Path) -> str:
    """A published debate; where in the store its recording is does not depend on the store."""
    shutil.copy(database_file, tmp_path / DATABASE_FILE)
    transcript = put_job(tmp_path, recording, "20261122T200000Z-4f1c09ab")
    return publish(tmp_path, transcript)


@pytest.fixture(params=REGIONS)
def page(
    request: pytest.FixtureRequest,
    aware: Browser,
    resolved: None,
    database: str,
    hosts: S3Hosts,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """The debate's page on a site with its store in one of the buckets, but another region."""
    partition_cn = REGIONS[request.param].startswith("cn-")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-northwest-1" if partition_cn else "us-west-2")
    env = {"STORAGE_ROOT": f"s3://{request.param}", "DATABASE_URL": database}
    app = create_app(Settings.from_env(env | {"SECRET_KEY": "k" * 32}))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts.log.clear()
    hosts.valid_from, hosts.most = 0.0, 1 << 30
    tab = aware.new_page()
    tab.bucket = request.param  # type: ignore[attr-defined]
    tab.said = []  # type: ignore[attr-defined]
    tab.on("console", lambda message: tab.said.append(message.text))  # type: ignore[attr-defined]
    tab.goto(f"http://127.0.0.1:{server.port}/debates/1")
    yield tab
    tab.close()
    server.shutdown()
    server.server_close()
    app.extensions["debate_sessions"].kw["bind"].dispose()


PLAY_ON = """() => {
    const player = document.querySelector("#player");
    player.muted = true;
    player.load();
    player.currentTime = 5;
    player.play();
}"""
TRY = """(src) => new Promise((then) => {
    const player = document.createElement("video");
    player.onerror = () => then("error");
    player.onloadedmetadata = () => then("plays");
    player.src = src;
})"""


def wait_for(page: Page, condition: str) -> None:
    until(page, f"((p) => {condition})(document.querySelector('#player'))")


def test_it_plays_from_the_buckets_own_host_and_goes_on_over_a_renewed_address(
    page: Page, hosts: S3Hosts
) -> None:
    bucket = page.bucket  # type: ignore[attr-defined]
    own = host_of(bucket, REGIONS[bucket])
    wait_for(page, "p.readyState > 0 && p.duration > 11")
    assert {*hosts.log} <= {(own, 200)}
    assert hosts.log

    hosts.valid_from = int(time.time()) + 1  # what was signed until now is over
    time.sleep(1.1)
    page.evaluate(PLAY_ON)
    wait_for(page, "p.currentTime > 5.5 && !p.paused && !p.error")

    assert {host for host, _ in hosts.log} == {own}
    assert "again=" in page.evaluate("document.querySelector('#player').src")
    expect(page.locator("#player")).to_be_visible()


def test_a_policy_that_names_another_host_or_a_foreign_signature_plays_nothing(
    page: Page, hosts: S3Hosts
) -> None:
    """The emulator and the page's policy are no formality."""
    bucket = page.bucket  # type: ignore[attr-defined]
    wait_for(page, "p.readyState > 0")
    address = page.request.get(page.url.replace("/debates/1", "/api/v1/media/1"), max_redirects=0)
    signed = address.headers["location"]
    assert page.evaluate(TRY, signed) == "plays"
    assert page.evaluate(TRY, signed[:-4] + "0000") == "error"
    assert hosts.log[-1] == (host_of(bucket, REGIONS[bucket]), 403)
    before = len(hosts.log)
    assert (
        page.evaluate(
            TRY, signed.replace(host_of(bucket, REGIONS[bucket]), f"{bucket}.s3.amazonaws.com")
        )
        == "error"
    )
    assert len(hosts.log) == before  # the policy did not let it ask
