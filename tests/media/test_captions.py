"""Captions stand where the words are heard, in files for elsewhere and in a browser's player."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from artefacts import read_json
from jobs import WEBAPP
from media.heard import Heard, transcribe
from media.table import TABLE, Medium
from playwright.sync_api import Page
from running import succeed
from serving.browsing import make_the_first_account, make_web, open_page

# Sound that begins late, has a hole, lies on another clock.
KINDS = ["late.mp4", "hole.mkv", "from-100.mkv"]
HEARD = 0.3  # seconds: the smallest Whisper looks for a first word so far from where it is
NEAR = 0.05  # seconds

each_kind = pytest.mark.parametrize("name", KINDS)
# What the player shows at one time and at another one.
SHOWN = """async ([before, after]) => {
    const player = document.querySelector('#player'), track = player.textTracks[0];
    const frame = () => new Promise(requestAnimationFrame);
    const seek = async (at) => {
        player.currentTime = at;
        await new Promise(ready => player.addEventListener('seeked', ready, {once: true}));
        for (let n = 0; n < 5; n++) await frame();
        return [...track.activeCues].map(cue => cue.text.replace(/<[^>]*>/g, ''));
    };
    track.mode = 'showing';
    while (!track.cues?.length || player.readyState < 1) await frame();
    return [await seek(before), await seek(after)];
}"""


@dataclass
class Captions:
    """A page of the site that has the debates, and each one's number there and its words."""

    page: Page
    numbers: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def file(self, name: str, kind: str) -> str:
        """An export."""
        answer = self.page.request.get(f"/api/v1/transcripts/{self.numbers[name]}/export.{kind}")
        assert answer.ok
        return answer.text()


@pytest.fixture(scope="module")
def captions(heard: Heard) -> Iterator[Captions]:
    store = heard.jobs.parent
    with make_web(store) as server, open_page(base_url=server.url) as page:
        make_the_first_account(page, server)
        found = Captions(page)
        transcripts = transcribe([heard.jobs / name for name in KINDS])
        for name, transcript in zip(KINDS, transcripts, strict=True):
            said = succeed(WEBAPP, "register", transcript, STORAGE_ROOT=store)
            found.numbers[name] = said.split(",")[0].removeprefix("debate ")
            segments = read_json(transcript)["transcription"]
            found.words[name] = [word for segment in segments for word in segment["words"]]
        yield found


def begins(name: str, heard: Heard) -> list[float]:
    """Where its sentences begin when it is played."""
    medium: Medium = next(medium for medium in TABLE if medium.name == name)
    return [start for start, _ in medium.spans(heard.base)]


def first_words(words: list[dict[str, Any]]) -> list[float]:
    """Where the words begin that follow the end of a sentence."""
    ends = [True, *(word["word"].endswith(".") for word in words)]
    return [word["start"] for word, first in zip(words, ends, strict=False) if first]


def starts(text: str) -> list[float]:
    """The beginning of each cue of an SRT or WebVTT file."""
    found = re.findall(r"^(\d\d):(\d\d):(\d\d)[.,](\d{3}) -->", text, re.M)
    return [int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in found]


@each_kind
def test_a_sentence_begins_with_its_first_word(captions: Captions, heard: Heard, name: str) -> None:
    assert first_words(captions.words[name]) == pytest.approx(begins(name, heard), abs=HEARD)


@pytest.mark.parametrize("kind", ["srt", "vtt"])
@each_kind
def test_a_caption_begins_with_its_first_word(captions: Captions, name: str, kind: str) -> None:
    cues = starts(captions.file(name, kind))

    assert cues == pytest.approx(first_words(captions.words[name]), abs=NEAR)


@each_kind
def test_the_player_shows_a_caption_when_its_first_word_is_heard(
    captions: Captions, name: str
) -> None:
    page = captions.page
    page.goto(f"/debates/{captions.numbers[name]}")
    for start in first_words(captions.words[name]):
        before, after = page.evaluate(SHOWN, [start - NEAR, start + NEAR])
        assert after
        assert not set(before) & set(after)
