"""A browser's player plays a word at the time that the transcript gives it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from media.heard import Heard
from media.table import TABLE
from playwright.sync_api import Page
from serving.browsing import open_page
from serving.loopback import Site, running_site

NEAR = 0.12  # seconds: what is heard is measured some hundredths off
LISTENED = 0.3  # seconds before a word, and within it

KINDS = [
    "seen-aac.mp4", "plain-opus.webm", "late.mp4", "hole.mkv", "spoilt.mp4", "from-100.mkv",
    "rates.mp3", "silent-first.mkv", "both-tracks.mka", "joined.ts",
]  # fmt: skip
OPEN = """async address => {
    window.player = Object.assign(document.createElement('video'), {src: address});
    document.body.append(player);
    const context = new AudioContext();
    window.meter = new AnalyserNode(context, {fftSize: 1024});
    context.createMediaElementSource(player).connect(meter).connect(context.destination);
    await new Promise(ready => player.addEventListener('canplaythrough', ready, {once: true}));
    return player.duration;
}"""
# The loudest moment from one time to another: root mean square of 20 ms.
LISTEN = """async ([from, to]) => {
    const samples = new Float32Array(meter.fftSize);
    player.currentTime = from;
    await new Promise(ready => player.addEventListener('seeked', ready, {once: true}));
    await player.play();
    let loudest = 0;
    while (player.currentTime < to && !player.ended) {
        await new Promise(next => setTimeout(next, 5));
        if (player.currentTime < from + 0.05) continue;
        meter.getFloatTimeDomainData(samples);
        const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
        loudest = Math.max(loudest, Math.sqrt(energy / samples.length));
    }
    player.pause();
    return loudest;
}"""


@dataclass(frozen=True)
class Player:
    """A page with a player, and the site that it takes recordings from."""

    page: Page
    site: Site


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with running_site() as site, open_page() as page:
        yield Player(page, site)


@pytest.mark.parametrize("name", KINDS)
def test_seeking_to_a_word_plays_that_word(heard: Heard, player: Player, name: str) -> None:
    medium = next(medium for medium in TABLE if medium.name == name)
    address = player.site.serve(f"{name}.mp4", heard.video(name))
    player.page.goto(f"{player.site.url}/page.html")
    duration = player.page.evaluate(OPEN, address)
    assert duration == pytest.approx(heard.media(name)["video"]["duration"], abs=0.05)
    for begin, _ in medium.spans(heard.base):
        before = player.page.evaluate(LISTEN, [begin - NEAR - LISTENED, begin - NEAR])
        within = player.page.evaluate(LISTEN, [begin + NEAR, begin + NEAR + LISTENED])
        assert within > 0.02
        assert before < within / 8
