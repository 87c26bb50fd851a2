"""Recognition without a download: pocketsphinx with the English models of its wheel.

Speech is recognised in chunks that begin and end at pauses, several at a time in processes of their
own: pocketsphinx holds Python's lock while it works.
"""

import multiprocessing
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from debate_transcriber.engines.embedded.chunks import cut_chunks
from debate_transcriber.speech import (
    SAMPLE_RATE,
    EngineInfo,
    Hints,
    Interval,
    Progress,
    Recognition,
    Waveform,
    Word,
)

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAMES_A_SECOND = 100
# The model's own cepstral mean. Without it each chunk would begin with the mean of the chunk that
# happened to go before in this process, and the words would depend on the number of cores.
LEVEL = "41.00,-5.29,-0.12,5.09,2.48,-4.07,-1.37,-1.78,-5.08,-2.05,-6.45,-1.42,1.17"
PRONUNCIATION = re.compile(r"\(\d+\)$")  # "the(2)": which of the dictionary's pronunciations

_decoder: "Decoder | None" = None  # one per process: loading takes longer than a short chunk


class SphinxRecogniser:
    """English words with times and probabilities; no punctuation, no capitals."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.info = EngineInfo("pocketsphinx", version("pocketsphinx"), "draft", {"device": "cpu"})

    def recognise(
        self, waveform: Waveform, speech: Sequence[Interval], hints: Hints, progress: Progress
    ) -> Recognition:
        """Recognise chunk after chunk; `hints` are of no use to this engine."""
        del hints
        chunks = cut_chunks(waveform, speech)
        if not chunks:
            return Recognition([], "en", None)
        total = sum(c.end - c.start for c in chunks)
        jobs = ((_pcm(waveform, c), c.start) for c in chunks)
        words: list[Word] = []
        done = 0.0
        workers = min(self.processes, len(chunks))
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for chunk, found in zip(chunks, pool.imap(recognise_chunk, jobs), strict=True):
                words += found
                done += chunk.end - chunk.start
                progress(done, total)
        return Recognition(words, "en", None)


def recognise_chunk(job: tuple[bytes, float]) -> list[Word]:
    """Recognise 16-bit samples; `start` is where they lie in the recording."""
    pcm, start = job
    decoder = _load_decoder()
    decoder.set_cmn(LEVEL)
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [
        Word(
            PRONUNCIATION.sub("", segment.word),
            start + segment.start_frame / FRAMES_A_SECOND,
            start + (segment.end_frame + 1) / FRAMES_A_SECOND,
            min(1.0, segment.prob),
        )
        for segment in decoder.seg() or ()
        if segment.word[0] not in "<["
    ]


def _load_decoder() -> "Decoder":
    global _decoder  # noqa: PLW0603 - see above
    if _decoder is None:
        from pocketsphinx import Decoder

        _decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
    return _decoder


def _pcm(waveform: Waveform, chunk: Interval) -> bytes:
    piece = waveform[int(chunk.start * SAMPLE_RATE) : int(chunk.end * SAMPLE_RATE)]
    return (piece * 32767).astype(np.int16).tobytes()
