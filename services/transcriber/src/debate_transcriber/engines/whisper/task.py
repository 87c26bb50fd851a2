"""One recording on its way through the model: languages, text, words, a second hearing."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Any

import torch
from whisper.decoding import DecodingOptions

from debate_transcriber.engines.speech import Hints, Interval, Waveform
from debate_transcriber.engines.whisper.decoding.fallback import Limits, decode_with_retries
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, read_audio
from debate_transcriber.engines.whisper.decoding.prompt import compose_prompt
from debate_transcriber.engines.whisper.decoding.rows import Row
from debate_transcriber.engines.whisper.hearing import Hearing, better, hear_on, is_doubtful
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.language import (
    MainLanguage,
    Probabilities,
    chunk_language,
    detect_languages,
    vote,
)
from debate_transcriber.engines.whisper.input.mel import (
    FRAMES_PER_SECOND,
    encode,
    mel_frames,
    stack_mels,
)
from debate_transcriber.engines.whisper.input.stretches import cut_by_language
from debate_transcriber.engines.whisper.words.alignment import Text, align_rows
from debate_transcriber.engines.whisper.words.times import words_of_chunk

BEAMS = 5  # as Whisper's own command has it
LAYERS_OF_SMALL = 12  # in the encoder; medium has 24, turbo and large 32


@dataclass(frozen=True, slots=True)
class Setup:
    """The model and how it is used; `options` are those of the first attempt at a text."""

    model: Any
    precision: torch.dtype
    options: DecodingOptions
    limits: Limits
    beam_size: int | None = None

    def beams(self, language: str) -> int | None:
        """How many texts to weigh side by side; None is greedy decoding.

        Beams earn their cost where a small model is unsure (bench/accuracy/words.md).
        """
        if self.beam_size is None:
            is_small = self.model.dims.n_audio_layer <= LAYERS_OF_SMALL
            return BEAMS if is_small and language != "en" else None
        return self.beam_size if self.beam_size > 1 else None


@dataclass(frozen=True, slots=True)
class Windows:
    """Chunks as the encoder has heard them, and the languages it may be in, each."""

    chunks: Sequence[Chunk]
    audio: EncodedAudio
    languages: Sequence[Probabilities]

    def __getitem__(self, rows: Sequence[int]) -> "Windows":
        """Some of them."""
        if len(rows) == len(self.chunks):
            return self
        languages = [self.languages[row] for row in rows]
        return Windows([self.chunks[row] for row in rows], self.audio[rows], languages)


@dataclass
class Task:
    """One recording on its way through the model."""

    setup: Setup
    waveform: Waveform
    speech: Sequence[Interval]
    hints: Hints
    voters: Sequence[Chunk]  # on the language
    main: MainLanguage | None  # None until the first batch, unless the user gave it

    @property
    def vote(self) -> dict[str, object]:
        """The language found, as a piece to keep: later batches, after a stop too, go by it."""
        return {"language": astuple(self.main)} if self.main else {}

    def recognise_batch(self, chunks: list[Chunk]) -> list[list[Hearing]]:
        """What is heard in each chunk: more than one text where it was cut or heard again."""
        windows = self._listen(chunks)
        self._vote(windows.languages)
        parts = [self._parts(windows, row) for row in range(len(chunks))]
        heard = self._hear_all(windows[[row for row, cut in enumerate(parts) if len(cut) == 1]])
        del windows  # what is listened to from here on takes as much memory
        found = self._account(*heard)
        if pieces := [part for cut in parts if len(cut) > 1 for part in cut]:
            found |= self._account(*self._hear_all(self._listen(pieces)))
        return [[h for part in cut for h in found[part.name]] for cut in parts]

    def _parts(self, windows: Windows, row: int) -> list[Chunk]:
        chunk = windows.chunks[row]
        if self.is_given:
            return [chunk]
        return cut_by_language(self.setup.model, windows.audio[[row]], chunk, self.speech)

    def _listen(self, chunks: Sequence[Chunk]) -> Windows:
        audio = self._encode(chunks)
        return Windows(chunks, audio, self._detect(audio))

    def _hear_all(self, windows: Windows) -> tuple[list[Hearing], list[Hearing]]:
        """The text of each chunk, and a second one, with time marks, of those in doubt."""
        heard, limits = self._hear(windows), self.setup.limits
        doubtful = [
            row
            for row, hearing in enumerate(heard)
            if limits.hears_again and is_doubtful(hearing, self.speech, limits)
        ]
        return heard, self._hear(windows[doubtful], self._marked)

    def _account(
        self, heard: Sequence[Hearing], marked: Sequence[Hearing]
    ) -> dict[str, list[Hearing]]:
        """What is heard in each chunk, by its name; the better account of those heard again.

        A text with time marks goes on where the marks end.
        """
        found = {hearing.chunk.name: [hearing] for hearing in heard}
        listen = lambda rest: self._hear(self._listen(rest), self._marked)  # noqa: E731
        for again in hear_on(listen, marked, self.speech):
            name = again[0].chunk.name
            found[name] = better(found[name], again, self.speech, self.setup.limits)
        return found

    def _hear(self, windows: Windows, options: DecodingOptions | None = None) -> list[Hearing]:
        """The text and words of each chunk."""
        if not windows.chunks:
            return []
        chunks, audio = windows.chunks, windows.audio
        languages = [self._language(*pair) for pair in zip(chunks, windows.languages, strict=True)]
        rows = self._decode(audio, languages, options)
        texts = [
            Text(row.tokens, row.language, _frames(row, chunk), row.trace)
            for row, chunk in zip(rows, chunks, strict=True)
        ]
        aligned = align_rows(self.setup.model, audio, texts)
        return [
            Hearing(chunk, row, words_of_chunk(words, chunk, row.language, self.speech))
            for words, chunk, row in zip(aligned, chunks, rows, strict=True)
        ]

    def _decode(
        self, audio: EncodedAudio, languages: Sequence[str], options: DecodingOptions | None
    ) -> list[Row]:
        """Texts in order; those that take as many beams are decoded together."""
        limits = self.setup.limits
        if options:  # of a second hearing, which is a retry itself
            limits = replace(limits, retries=())
        beams = [self.setup.beams(language) for language in languages]
        found: dict[int, Row] = {}
        for size in dict.fromkeys(beams):
            rows = [i for i, other in enumerate(beams) if other == size]
            some = audio if len(rows) == len(beams) else audio[rows]
            chosen = [languages[i] for i in rows]
            wanted = replace(options or self.options, beam_size=size)
            decoded = decode_with_retries(self.setup.model, some, chosen, wanted, limits)
            found |= zip(rows, decoded, strict=True)
        return [found[i] for i in range(len(beams))]

    def _encode(self, chunks: Sequence[Chunk]) -> EncodedAudio:
        model = self.setup.model
        mels = stack_mels(model, self.waveform, chunks)
        return read_audio(model, encode(model, mels.to(self.setup.precision)))

    @property
    def is_given(self) -> bool:
        """Whether the user has said what the language is."""
        return self.main is not None and self.main.probability is None

    def _language(self, chunk: Chunk, window: Probabilities) -> str:
        if self.main is None:
            raise AssertionError("the first batch has voted")
        return self.main.code if self.is_given else chunk_language(chunk, window, self.main)

    def _vote(self, windows: Sequence[Probabilities]) -> None:
        """The first batch finds the language of the recording."""
        if self.main is None:
            self.main = vote([*windows, *self._windows_beyond(len(windows))])

    def _windows_beyond(self, count: int) -> Iterator[Probabilities]:
        """Detect the language of the voters that are not in a first batch of `count` chunks."""
        for chunk in self.voters[count:]:
            yield from self._detect(self._encode([chunk]))

    def _detect(self, audio: EncodedAudio) -> list[Probabilities]:
        if self.is_given:
            return [{}] * len(audio)
        return detect_languages(self.setup.model, audio)

    @cached_property
    def _marked(self) -> DecodingOptions:
        return replace(self.options, without_timestamps=False)

    @cached_property
    def options(self) -> DecodingOptions:
        """The options of the first attempt, with the names to expect."""
        prompt = compose_prompt(self.setup.model, self.hints).tokens
        return replace(self.setup.options, prompt=prompt or None)


def _frames(row: Row, chunk: Chunk) -> int:
    """Mel frames that hold the row's text."""
    end = mel_frames(chunk)
    return end if row.until is None else min(end, round(row.until * FRAMES_PER_SECOND))
