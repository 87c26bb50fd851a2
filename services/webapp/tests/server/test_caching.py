"""What browsers keep: pages until something in them changes, files for good; text compressed."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from asking import again, questions
from clients import CheckedClient
from commands import command, name
from flask import Flask
from flask.testing import FlaskClient
from pages import outline

PAGES = ["/", "/people", "/people/ana", "/debates/1", "/debates/1/figures"]
ANSWERS = ["", "/1", "/1/segments", "/1/stats"]
ALL = (
    PAGES
    + [f"/api/v1/transcripts{one}" for one in ANSWERS]
    + ["/api/v1/people/ana", "/api/v1/people/ana/stats"]
)


@pytest.fixture
def public(debate: CheckedClient) -> CheckedClient:
    """An editor of one published debate, in which Ana has a name; nothing is left to tell."""
    name(debate, "SPEAKER_00", "Ana")
    debate.send("/debates/1/publication/on", client_id="on")
    return debate


@pytest.mark.parametrize("path", ALL)
def test_what_is_unchanged_is_not_sent_again_and_what_changed_is(public, path: str) -> None:
    first = public.get(path)
    same = again(public, path, first)

    assert (first.status_code, same.status_code, same.data) == (200, 304, b"")
    for header in ("Content-Security-Policy", "Cache-Control", "ETag"):
        assert same.headers[header] == first.headers[header]

    command(public, "edit_text", 1, 1, text="Free?")
    if path != "/people":
        assert again(public, path, first).status_code == 200


def test_each_reader_has_pages_of_their_own(public: CheckedClient) -> None:
    mine = public.get("/debates/1")
    stranger = public.application.test_client()
    theirs = stranger.get("/debates/1", headers={"If-None-Match": mine.headers["ETag"]})
    assert theirs.status_code == 200
    assert "Who is who" not in theirs.text

    public.send("/sign-out")
    public.send("/sign-in", username="editor", password="correct horse battery")
    assert again(public, "/debates/1", mine).status_code == 200  # its forms had the old token


def test_readers_get_no_cookie_for_looking(public: CheckedClient) -> None:
    stranger = public.application.test_client()
    for path in ALL:
        assert "Set-Cookie" not in stranger.get(path).headers


def test_what_was_just_done_is_told_once(public: CheckedClient) -> None:
    before = public.get("/debates/1")
    token = outline(before).all("input")[0]["value"]
    form = {"csrf_token": token, "client_id": "off"}
    public.post("/debates/1/publication/off", data=form)
    told = again(public, "/debates/1", before)

    assert "Only people with accounts see it now." in told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert "ETag" not in told.headers
    assert "Only people with accounts see it now." not in public.get("/debates/1").text


def test_how_a_name_is_typed_is_part_of_an_editors_page(public: CheckedClient) -> None:
    name(public, "SPEAKER_01", "Petr Novák")
    first = public.get("/debates/1")
    public.send_json("POST", "/api/v1/people", {"name": "Eva of another debate"})
    assert again(public, "/debates/1", first).status_code == 304

    public.send_json("POST", "/api/v1/people", {"name": "Petr Novák"})
    assert 'value="Petr Novák (petr-novak)"' in again(public, "/debates/1", first).text


def test_a_version_registered_meanwhile_changes_the_page_of_the_one_before(public, make_job):
    first = public.get("/debates/1")
    public.send("/debates", uri=str(make_job(duration=13.0)))

    assert "A newer transcription waits as" in again(public, "/debates/1", first).text


def test_addresses_of_files_change_with_them_and_the_files_never(client: CheckedClient) -> None:
    page = outline(client.get("/sign-in"))
    address = str(page.all("link")[-1]["href"])
    digest = re.fullmatch(r"/static/([0-9a-f]{16})/css/\w+\.css", address)
    assert digest

    kept = client.get(address)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    older = client.get(address.replace(digest[1], "0" * 16))
    assert older.status_code == 200
    assert "max-age=31536000" not in older.headers["Cache-Control"]
    assert client.get(f"/static/{digest[1]}/../../security.py").status_code == 404
    assert client.get(f"/static/{digest[1]}/js").status_code == 404


def test_modules_and_fonts_are_named_relative_to_the_file_that_names_them(app: Flask) -> None:
    """So they have the same digest in their address."""
    static = Path(app.root_path) / "site" / "static"
    named = [
        found
        for file in [*static.glob("js/**/*.js"), *static.glob("css/*.css")]
        for found in re.findall(r'from "([^"]+)"|url\("?([^")]+)', file.read_text())
    ]
    assert named
    assert all("".join(one).startswith(("./", "../", "data:")) for one in named)


DECODED: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize("encoding", DECODED)
@pytest.mark.parametrize("path", ["/debates/1", "/api/v1/transcripts/1/stats"])
def test_text_is_compressed_as_the_browser_likes_it(public, path: str, encoding: str) -> None:
    plain = public.get(path).data
    sent = FlaskClient.open(public, path, headers={"Accept-Encoding": encoding})

    assert sent.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert len(sent.data) < len(plain)
    assert "Ana" in DECODED[encoding](sent.data).decode()


@pytest.mark.parametrize("wanted", ["br;q=0", "br;q=0, *", "gzip;q=0, br;q=0, zstd;q=0"])
def test_no_answer_comes_in_an_encoding_that_was_refused(public, wanted: str) -> None:
    sent = FlaskClient.open(public, "/debates/1", headers={"Accept-Encoding": wanted})
    assert "Content-Encoding" not in sent.headers


def test_recordings_ranges_and_small_answers_are_sent_as_they_are(public: CheckedClient) -> None:
    wants = {"Accept-Encoding": "br, gzip"}
    for path in ("/api/v1/media/1", "/healthz", "/api/v1/people"):
        assert "Content-Encoding" not in public.get(path, headers=wants).headers
    script = outline(public.get("/debates/1")).all("script")[0]["src"]
    part = public.get(str(script), headers=wants | {"Range": "bytes=0-9"})
    assert (part.status_code, len(part.data)) == (206, 10)
    assert "Content-Encoding" not in part.headers


@pytest.mark.parametrize("path", ["/", "/people", "/debates/1", "/debates/1/figures", "/sign-in"])
def test_no_page_with_a_secret_is_compressed_beside_words_of_its_address(public, path) -> None:
    """Lengths would tell of the secret (BREACH)."""
    if path == "/sign-in":
        public.send("/sign-out")
    query = f"{path}?next=/planted&cursor=99&brief=planted&q=planted"
    reply = FlaskClient.open(public, query, headers={"Accept-Encoding": "gzip"})
    if "Content-Encoding" in reply.headers:
        assert "planted" not in gzip.decompress(reply.data).decode()
    else:
        assert path == "/sign-in"
        assert "planted" in reply.text


def test_no_page_asks_the_database_more_when_there_is_more(public, make_job, app: Flask) -> None:
    def count() -> dict[str, int]:
        found = {}
        for path in ALL:
            with questions(app) as asked:
                assert public.get(path).status_code == 200
            found[path] = len(asked)
        return found

    few = count()
    for number in range(3):
        path = make_job(f"job-{number}", duration=20.0 + number)
        public.send("/debates", uri=str(path))
        address = f"/debates/{number + 2}"
        public.send(f"{address}/speakers/SPEAKER_00", name="Ana", version=1, client_id="n")
        public.send(f"{address}/speakers/SPEAKER_01", name=f"P {number}", version=1, client_id="m")
        public.send(f"{address}/publication/on", client_id="on")
        public.get(address)
    public.get("/people/ana")
    command(public, "assign_segment", 2, 1, person="p-1")
    public.get("/debates/1")

    assert count() == few
    assert max(few.values()) <= 12
