"""Cookies in, cookies out, and never a value in a message."""

import json
import os
import stat
import subprocess
from http.cookiejar import MozillaCookieJar
from pathlib import Path

import pytest
from conftest import Download, command_line
from debate_contract.errors import UsageFault
from debate_downloader.cookies.formats import Cookie, format_netscape, parse_cookies, parse_netscape
from debate_downloader.cookies.source import load_cookies
from debate_downloader.settings import CookieSource
from hypothesis import given
from hypothesis import strategies as st
from site_server import Site

VALUE = "geheimer-keks-4711"
LINE = f".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\t{VALUE}"

TEXT = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1)
COOKIES = st.builds(
    Cookie,
    domain=st.from_regex(r"\.?[a-z]{1,9}\.[a-z]{2,3}", fullmatch=True),
    name=st.from_regex(r"[A-Za-z_-]{1,12}", fullmatch=True),
    value=TEXT,
    path=st.just("/"),
    secure=st.booleans(),
    http_only=st.booleans(),
    expires=st.integers(0, 4_000_000_000),
)


@given(st.lists(COOKIES))
def test_what_is_written_is_read_back_the_same(cookies):
    assert parse_netscape(format_netscape(cookies)) == cookies


def test_python_itself_reads_the_file(tmp_path: Path):
    target = tmp_path / "cookies.txt"
    target.write_text(format_netscape([Cookie(".a.org", "n", VALUE, expires=2_000_000_000)]))
    jar = MozillaCookieJar(target)
    jar.load()

    assert [(c.domain, c.name, c.value) for c in jar] == [(".a.org", "n", VALUE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LINE, Cookie(".youtube.com", "SID", VALUE, expires=2_000_000_000)),
        (
            f"# Netscape HTTP Cookie File\n\n#HttpOnly_{LINE}\n",
            Cookie(".youtube.com", "SID", VALUE, http_only=True, expires=2_000_000_000),
        ),
        (f"Cookie: SID={VALUE}", Cookie(".youtube.com", "SID", VALUE)),
        (f"SID={VALUE}==", Cookie(".youtube.com", "SID", f"{VALUE}==")),
        (
            json.dumps([{"domain": "youtube.com", "hostOnly": False, "name": "SID", "value": VALUE,
                         "path": "/x", "secure": False, "httpOnly": True, "expirationDate": 7.9}]),
            Cookie(".youtube.com", "SID", VALUE, "/x", False, True, 7),
        ),
        (
            json.dumps({"cookies": [{"domain": "y.com", "name": "SID", "value": VALUE,
                                     "expires": -1}]}),
            Cookie("y.com", "SID", VALUE),
        ),
    ],
    ids=["netscape", "http only", "header", "header without name", "extension", "playwright"],
)  # fmt: skip
def test_every_export_of_a_browser_is_read(text, expected):
    assert parse_cookies(text) == [expected]


def test_a_header_has_many_cookies_and_belongs_where_the_user_says():
    cookies = parse_cookies("a=1; b=2;", ".vimeo.com")

    assert cookies == [Cookie(".vimeo.com", "a", "1"), Cookie(".vimeo.com", "b", "2")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("# Netscape HTTP Cookie File\n", "no cookies"),
        (f"{LINE}\n.a.org\tTRUE\t{VALUE}", "line 2 has 3 fields"),
        (LINE.replace("2000000000", "soon"), "line 1 has no valid expiry"),
        (LINE.replace("2000000000", "1.7e+308"), "line 1 has no valid expiry"),
        (f"a\t{VALUE}\n{LINE}\nb\t{VALUE}", "line 1 has 2 fields .*, line 3 has 2 fields"),
        (LINE.replace("SID", ""), "line 1 lacks a domain or a name"),
        (LINE.replace("\t", " ") + "\n" + LINE.replace("\t", " "), "neither"),
        (f'[{{"name": "{VALUE}"', "not valid"),
        (f'{{"value": "{VALUE}"}}', "no list"),
        (f'["{VALUE}"]', "cookie 1"),
        (f'[{{"domain": "a.org", "name": "", "value": "{VALUE}"}}]', "cookie 1"),
        (f'[{{"domain": "a.org", "name": "n", "value": "x\\t{VALUE}"}}]', "cookie 1"),
        (f'[{{"domain": "a.org", "name": "n", "value": "{VALUE}", "expires": 1e999}}]', "cookie 1"),
        (f"SID={VALUE}; {VALUE}", "part 2"),
        (f".a.org  TRUE  /  TRUE  199  SID  {VALUE}=d", "must be separated by tabs"),
    ],
)
def test_a_malformed_line_is_reported_by_number_and_not_by_value(text, said):
    with pytest.raises(UsageFault, match=said) as error:
        parse_cookies(text)
    trace = "".join(map(str, [error.value, error.value.__cause__ or ""]))
    assert VALUE not in trace


def test_a_last_cookie_without_a_value_is_one():
    text = f"{LINE}\n.youtube.com\tTRUE\t/\tTRUE\t1990000000\tLAST\t\n"

    assert [(c.name, c.value) for c in parse_cookies(text)] == [("SID", VALUE), ("LAST", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_cookies_are_read_in_any_encoding(encoding: str, tmp_path: Path):
    source, target = tmp_path / "export.txt", tmp_path / "cookies.txt"
    source.write_bytes(f"{LINE}\n".encode(encoding))

    assert convert(source, target).returncode == 0
    assert [cookie.value for cookie in parse_cookies(target.read_text())] == [VALUE]
    assert [c.value for c in load_cookies(CookieSource(file=source))] == [VALUE]


def convert(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [command_line("debate-cookies"), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_the_command_writes_a_private_file(tmp_path: Path):
    source, target = tmp_path / "header.txt", tmp_path / "cookies.txt"
    source.write_text(f"Cookie: SID={VALUE}")
    target.write_text("old")
    target.chmod(0o644)
    done = convert("--domain", ".vimeo.com", source, target)

    assert done.returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert f".vimeo.com\tTRUE\t/\tTRUE\t0\tSID\t{VALUE}" in target.read_text().splitlines()
    assert sorted(os.listdir(tmp_path)) == ["cookies.txt", "header.txt"]  # noqa: PTH208
    assert VALUE not in done.stdout + done.stderr


def test_the_command_reads_standard_input(tmp_path: Path):
    assert convert("-", tmp_path / "out.txt", stdin=LINE).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["in.txt"], 64, "Missing argument 'OUT'"),
        (["gone.txt", "out.txt"], 66, "gone.txt cannot be read"),
        (["bad.txt", "out.txt"], 64, "line 1 has 2 fields"),
        (["binary", "out.txt"], 64, "no text file"),
        (["good.txt", "good.txt/out.txt"], 64, "cannot be read or written"),
    ],
)
def test_the_command_explains_what_is_wrong(arguments, code, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("good.txt").write_text(LINE)
    Path("bad.txt").write_text(f"a\t{VALUE}")
    Path("binary").write_bytes(b"\xff\xfe\x81")
    done = convert(*arguments)

    assert (done.returncode, said in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr
    assert VALUE not in done.stderr
    assert not Path("out.txt").exists()


@pytest.fixture
def cookie_file(tmp_path: Path) -> Path:
    """Cookies for the loopback server."""
    file = tmp_path / "cookies.txt"
    file.write_text(format_netscape([Cookie("127.0.0.1", "session", VALUE, secure=False)]))
    return file


def test_cookies_open_what_is_for_members_and_stay_as_they_were(cookie_file, site, download):
    before = cookie_file.read_bytes(), cookie_file.stat().st_mtime_ns
    outcome = download(f"{site.url}/members/clip.mp4", "--yt-cookies-file", str(cookie_file))

    assert outcome.code == 0
    assert (cookie_file.read_bytes(), cookie_file.stat().st_mtime_ns) == before
    assert VALUE not in json.dumps([outcome.events, outcome.media])


def test_a_failure_does_not_tell_the_cookies(cookie_file, site: Site, download: Download):
    outcome = download(f"{site.url}/status/403/x", "--yt-cookies-file", str(cookie_file))

    assert outcome.code == 65
    assert VALUE not in json.dumps(outcome.events)


def test_a_malformed_cookie_file_is_reported_by_line(tmp_path, site: Site, download: Download):
    bad = tmp_path / "bad.txt"
    bad.write_text(f"{LINE}\n127.0.0.1\t{VALUE}\n")
    outcome = download(f"{site.url}/clip.mp4", "--yt-cookies-file", str(bad))

    assert outcome.code == 64
    assert "line 2" in outcome.message
    assert VALUE not in json.dumps(outcome.events)
