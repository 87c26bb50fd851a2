"""Recognition without a download: pocketsphinx with the English models of its wheel.

Speech is recognised in chunks that begin and end at pauses, several at a time in processes of their
own: pocketsphinx holds Python's lock while it works.
"""

import multiprocessing
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from debate_transcriber.engines.embedded.chunks import cut_chunks
from debate_transcriber.speech import (
    SAMPLE_RATE,
    EngineInfo,
    Hints,
    Interval,
    Kept,
    Progress,
    Recognition,
    Waveform,
    Word,
)

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAMES_A_SECOND = 100
LANGUAGE = "en"
PRONUNCIATION = re.compile(r"\(\d+\)$")  # "the(2)": which of the dictionary's pronunciations

_decoder: "Decoder | None" = None  # one per process: loading takes longer than a short chunk


class SphinxRecogniser:
    """English words with times and probabilities; no punctuation, no capitals."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.info = EngineInfo("pocketsphinx", version("pocketsphinx"), "draft", {"device": "cpu"})

    def remark(self, hints: Hints) -> str | None:
        """Say that names to expect are of no use to this engine."""
        if hints.initial_prompt or hints.vocabulary:
            return "the embedded recogniser takes no names to expect: they are left aside"
        return None

    def recognise(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        hints: Hints,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Recognition:
        """Recognise chunk after chunk."""
        del hints
        kept = {} if kept is None else kept
        chunks = cut_chunks(waveform, speech)
        missing = [chunk for chunk in chunks if _name(chunk) not in kept]
        total = sum(c.end - c.start for c in chunks)
        done = total - sum(c.end - c.start for c in missing)
        for chunk, words in self._recognise(waveform, missing):
            kept[_name(chunk)] = [astuple(word) for word in words]
            done += chunk.end - chunk.start
            progress(done, total)
        words = [Word(*row) for chunk in chunks for row in kept[_name(chunk)]]
        return Recognition(words, LANGUAGE, None)

    def _recognise(
        self, waveform: Waveform, chunks: list[Interval]
    ) -> Iterator[tuple[Interval, list[Word]]]:
        jobs = ((_pcm(waveform, c), c.start) for c in chunks)
        if min(self.processes, len(chunks)) <= 1:
            yield from zip(chunks, map(recognise_chunk, jobs), strict=True)
            return
        with multiprocessing.get_context("spawn").Pool(min(self.processes, len(chunks))) as pool:
            yield from zip(chunks, pool.imap(recognise_chunk, jobs), strict=True)


def _name(chunk: Interval) -> str:
    return f"{chunk.start:.3f}-{chunk.end:.3f}"


def recognise_chunk(job: tuple[bytes, float]) -> list[Word]:
    """Recognise 16-bit samples; `start` is where they lie in the recording."""
    pcm, start = job
    decoder = load_decoder()
    # Forget the chunk that happened to go before in this process: its level and its best Gaussians
    # would decide words here, and the words would depend on the number of cores and on luck.
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [
        Word(
            PRONUNCIATION.sub("", segment.word),
            start + segment.start_frame / FRAMES_A_SECOND,
            start + (segment.end_frame + 1) / FRAMES_A_SECOND,
            min(1.0, segment.prob),
            language=LANGUAGE,
        )
        for segment in decoder.seg() or ()
        if segment.word[0] not in "<["
    ]


def load_decoder() -> "Decoder":
    """Return this process's decoder, loaded on first use."""
    global _decoder  # noqa: PLW0603 - see above
    if _decoder is None:
        from pocketsphinx import Decoder

        _decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
    return _decoder


def _pcm(waveform: Waveform, chunk: Interval) -> bytes:
    piece = waveform[int(chunk.start * SAMPLE_RATE) : int(chunk.end * SAMPLE_RATE)]
    return (piece * 32767).astype(np.int16).tobytes()
