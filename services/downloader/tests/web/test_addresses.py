"""Nothing behind the firewall is fetched for a stranger."""

import socket

import pytest
from conftest import Download
from debate_downloader.sources.web import addresses
from debate_downloader.sources.web.addresses import Refused, is_public, only_public
from site_server import Site

# Of a network, however it is written; and one that is none.
INSIDE = [
    "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "100.64.0.1", "169.254.169.254", "169.254.170.2", "fe80::1%eth0", "fd00:ec2::254", "fc00::1",
    "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "192.0.0.192",
    "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::a83f:8110", "fec0::1", "3fff::1",
    "no address",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_a_network_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "142.250.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "168.63.129.17"]
)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_a_name_is_judged_by_what_it_resolves_to_when_connecting(site: Site):
    port = int(site.url.rpartition(":")[2])
    with only_public(enabled=True) as guard, pytest.raises(Refused):
        socket.create_connection(("localhost", port), timeout=5)

    assert guard.refused


def test_after_the_download_connections_are_free_again(site: Site):
    port = int(site.url.rpartition(":")[2])
    with only_public(enabled=True):
        pass
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_a_private_address_is_bad_input_and_never_asked(site: Site, download: Download):
    outcome = download(f"{site.url}/clip.mp4", private=False)

    assert (outcome.code, outcome.events[-1]["error"]) == (65, "PrivateAddress")
    assert "ALLOW_PRIVATE_HOSTS" in outcome.message
    assert not site.asked
    assert not outcome.job.exists()


@pytest.fixture
def inner(monkeypatch: pytest.MonkeyPatch, site: Site) -> str:
    """The site counts as public and 127.0.0.2 as the inner network."""
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    return site.url.replace("127.0.0.1", "127.0.0.2")


def redirect(site: Site, inner: str) -> str:
    return f"{site.url}/redirect?{inner}/clip.mp4"


def page(site: Site, inner: str) -> str:
    return site.write("page.html", f"<video src='{inner}/clip.mp4'></video>")


def segment(site: Site, inner: str) -> str:
    text = (site.folder / "stream.m3u8").read_text().replace("seg2", f"{inner}/seg2")
    return site.write("evil.m3u8", text)


def key(site: Site, inner: str) -> str:
    line = f'#EXT-X-KEY:METHOD=AES-128,URI="{inner}/key"\n#EXTINF'
    text = (site.folder / "stream.m3u8").read_text().replace("#EXTINF", line, 1)
    return site.write("evil.m3u8", text)


@pytest.mark.parametrize("lead", [redirect, page, segment, key])
def test_what_leads_into_the_network_is_refused(lead, site, inner, download: Download):
    outcome = download(lead(site, inner), private=False)

    assert outcome.events[-1]["error"] == "PrivateAddress"
    assert "127.0.0.2" in outcome.message


def test_a_proxy_does_not_get_round_the_guard(site, inner, download, monkeypatch):
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    outcome = download(f"{inner}/clip.mp4", private=False)

    assert outcome.events[-1]["error"] == "PrivateAddress"
    assert not site.asked


def test_subtitles_inside_the_network_are_left_out(site, inner, download: Download):
    track = f'<track kind="subtitles" src="{inner}/en.vtt" srclang="en">'
    page = site.write("page.html", f"<video src='/clip.mp4'>{track}</video>")
    outcome = download(page, private=False)

    assert outcome.code == 0
    assert "subtitles in en failed" in outcome.notes()
