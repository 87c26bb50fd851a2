"""Files that Chromium puts into a bucket itself, past the site; S3 is a server on loopback."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import boto3
import pytest
from browsers import sign_in
from buckets import BUCKET, aws_environment, bucket_at, empty, keys, unfinished
from debate_webapp.submitting.uploads.bucket import PART_BYTES
from newsrooms import FAKE
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from servers import Site, free_port, serving

INTO_BUCKET = re.compile("partNumber=")


class Cloud:
    """A site whose store is a bucket; it can be stopped and started again on its port."""

    def __init__(self, root: Path, recording: Path, endpoint: str) -> None:
        self.root, self._recording, self._port = root, recording, free_port()
        self._variables = aws_environment(endpoint) | {
            "STORAGE_ROOT": f"s3://{BUCKET}",
            "DATABASE_URL": f"sqlite:///{root / 'webapp.sqlite3'}",
            "SECRET_KEY": "k" * 32,
            "DEBATE_COMMAND": str(FAKE),
            "FAKE_CONTROL": str(root),
            "PATH": os.environ["PATH"],
        }
        self._running = ExitStack()

    def start(self) -> Site:
        serve = serving(self.root, self._recording, self._port, **self._variables)
        return self._running.enter_context(serve)

    def stop(self) -> None:
        self._running.close()

    def calls(self) -> list[list[str]]:
        """What the front door was called with."""
        lines = (self.root / "calls.jsonl").read_text().splitlines()
        return [json.loads(line)["arguments"] for line in lines]


@pytest.fixture(scope="module")
def cloud(
    tmp_path_factory: pytest.TempPathFactory, database_file: Path, recording: Path, aws_server: str
) -> Iterator[Cloud]:
    root = tmp_path_factory.mktemp("cloud")
    shutil.copy(database_file, root)
    with bucket_at(aws_server):
        cloud = Cloud(root, recording, aws_server)
        yield cloud
        cloud.stop()


@pytest.fixture(scope="module")
def site(cloud: Cloud, browser: Browser) -> Site:
    site = cloud.start()
    site.cookies = sign_in(browser, site)
    return site


# Between two tries a page waits for seconds; here it waits for milliseconds.
IMPATIENT = """
const wait = window.setTimeout.bind(window);
window.setTimeout = (work, pause, ...more) => wait(work, pause / 100, ...more);
"""


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.pages[0]
    page.goto("/submissions")
    yield page
    empty()


@pytest.fixture
def file(recording: Path, tmp_path: Path) -> Path:
    """Of three parts."""
    file = tmp_path / "Council meeting.mp4"
    file.write_bytes(recording.read_bytes() + bytes(2 * PART_BYTES))
    return file


def choose(page: Page, file: Path) -> None:
    page.get_by_label("Or files of your own").set_input_files(file)


def number_of(route: Route) -> int:
    found = re.search(r"partNumber=(\d+)", route.request.url)
    assert found
    return int(found[1])


def test_a_file_goes_into_the_bucket_past_the_site_and_is_submitted(
    page: Page, cloud: Cloud, file: Path
) -> None:
    sent: list[int] = []

    def lose_the_second(route: Route) -> None:
        sent.append(number_of(route))
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route(INTO_BUCKET, lose_the_second)
    choose(page, file)
    expect(page.get_by_text("here; submit it below")).to_be_visible()
    assert sent == [1, 2, 2, 3]
    (source,) = (key for key in keys() if key.endswith(".mp4"))
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=source)["Body"].read()
    assert body == file.read_bytes()

    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#jobs li")).to_contain_text("handed in to AWS")
    assert cloud.calls()[0][-2:] == ["--", f"s3://{BUCKET}/{source}"]


def test_a_reload_and_a_restart_of_the_site_lose_nothing(
    page: Page, cloud: Cloud, file: Path
) -> None:
    page.route(INTO_BUCKET, lambda route: None if number_of(route) == 2 else route.continue_())
    choose(page, file)
    expect(page.locator(".uploads")).to_contain_text("MB/s")
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    cloud.stop()
    cloud.start()

    again: list[str] = []
    page.on("request", lambda asked: again.append(asked.url) if "partNumber" in asked.url else None)
    choose(page, file)
    expect(page.get_by_text("here; submit it below")).to_be_visible()
    assert "partNumber=3&" in again[-1]
    assert not any("partNumber=1&" in address for address in again)

    with page.expect_response(lambda reply: reply.request.method == "DELETE"):
        page.get_by_role("button", name="Take out Council meeting.mp4").click()
    assert (keys(), unfinished()) == ([], [])


def test_a_file_that_is_no_recording_says_so_and_is_gone(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "Agenda.pdf"
    file.write_bytes(b"%PDF-1.7 " + bytes(100))
    choose(page, file)

    expect(page.get_by_role("alert")).to_contain_text("begins like no recording")
    assert keys() == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(0, "Its CORS rule has to name this site"), (403, "refuses the file (403)")],
)
def test_a_bucket_that_takes_nothing_from_this_site_says_so(
    page: Page, file: Path, status: int, sentence: str
) -> None:
    page.add_init_script(IMPATIENT)
    page.reload()
    seen = {"Access-Control-Allow-Origin": "*"}
    page.route(
        INTO_BUCKET,
        lambda route: route.fulfill(status=status, headers=seen) if status else route.abort(),
    )
    choose(page, file)

    expect(page.get_by_role("alert")).to_contain_text(sentence)


def test_a_bucket_that_is_busy_for_a_while_is_waited_for(page: Page, recording: Path) -> None:
    page.add_init_script(IMPATIENT)
    page.reload()
    asked: list[int] = []

    def slow_down(route: Route) -> None:
        asked.append(number_of(route))
        if len(asked) <= 8:
            route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.continue_()

    page.route(INTO_BUCKET, slow_down)
    choose(page, recording)

    expect(page.get_by_text("here; submit it below")).to_be_visible()


def test_a_site_that_is_away_when_a_file_is_chosen_again_does_not_begin_it_anew(
    page: Page, file: Path
) -> None:
    page.add_init_script(IMPATIENT)
    page.route(INTO_BUCKET, lambda route: None if number_of(route) == 2 else route.continue_())
    choose(page, file)
    expect(page.locator(".uploads")).to_contain_text("MB/s")
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    asked: list[str] = []

    def restart(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) <= 8:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route(re.compile("/api/v1/uploads(/[0-9a-f]+)?$"), restart)
    choose(page, file)

    expect(page.get_by_text("here; submit it below")).to_be_visible()
    assert asked == ["GET"] * 9


def test_what_somebody_has_to_mend_is_said_at_once(page: Page, file: Path) -> None:
    detail = "AWS refuses access to s3://debates: use a role or a profile that may."
    refused = json.dumps({"status": 500, "detail": detail})
    kind = "application/problem+json"
    page.route("**/parts", lambda route: route.fulfill(status=500, body=refused, content_type=kind))
    choose(page, file)

    expect(page.get_by_role("alert")).to_contain_text(detail)
