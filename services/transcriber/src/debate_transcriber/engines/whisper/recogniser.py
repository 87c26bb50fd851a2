"""The recogniser: chunks, batches, text, word times."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from importlib.metadata import version

import torch
from whisper.decoding import DecodingOptions

from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.devices import (
    disable_cudnn_attention,
    gpu_capability,
    limit_threads,
    own_stream,
    resolve_device,
)
from debate_transcriber.engines.whisper.alignment import Text, align_rows
from debate_transcriber.engines.whisper.batches import batch_size, batches, with_back_off
from debate_transcriber.engines.whisper.chunks import Chunk, cut_chunks
from debate_transcriber.engines.whisper.fallback import Limits, decode_with_retries
from debate_transcriber.engines.whisper.language import (
    MainLanguage,
    Probabilities,
    chunk_language,
    detect_languages,
    language_code,
    vote,
    voters,
)
from debate_transcriber.engines.whisper.loops import drop_echoes
from debate_transcriber.engines.whisper.mel import encode, mel_frames, stack_mels
from debate_transcriber.engines.whisper.model import (
    LoadedModel,
    choose_precision,
    keep_weights_as,
    load_model,
    overflows,
)
from debate_transcriber.engines.whisper.names import choose_model, is_draft
from debate_transcriber.engines.whisper.passes import AfterReading, EncodedAudio, read_audio
from debate_transcriber.engines.whisper.prompt import compose_prompt, describe_losses
from debate_transcriber.engines.whisper.words import words_of_chunk
from debate_transcriber.speech import (
    EngineInfo,
    Hints,
    Interval,
    Kept,
    Progress,
    Recognition,
    Waveform,
    Word,
)

PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


def load_recogniser(settings: EngineSettings) -> "WhisperRecogniser":
    """Load the model that the settings ask for, or the default of the device."""
    limit_threads(settings.threads)
    disable_cudnn_attention()
    device = resolve_device(settings.device)
    name = settings.whisper_model or choose_model(device, settings.models)
    loaded = load_model(name, settings.models, device, settings.report)
    precision = choose_precision(gpu_capability(device), partial(overflows, loaded.model))
    keep_weights_as(loaded.model, precision)
    return WhisperRecogniser(loaded, precision)


@dataclass
class WhisperRecogniser:
    """Whisper over batches of chunks; one instance serves any number of recordings.

    `options` are Whisper's own for the first, greedy attempt. Timestamps are left out of the text:
    a chunk is decoded whole, and word times come from the attention.
    """

    loaded: LoadedModel
    precision: torch.dtype = torch.float32
    limits: Limits = field(default_factory=Limits)
    size: int | None = None  # chunks per batch; None: by memory
    options: DecodingOptions = field(
        default_factory=lambda: DecodingOptions(without_timestamps=True)
    )

    def __post_init__(self) -> None:
        self.model = self.loaded.model
        self.size = self.size or batch_size(self.model, self.precision.itemsize)
        self.stream = own_stream(self.model.device)
        self.info = self._describe()

    def _describe(self) -> EngineInfo:
        return EngineInfo(
            "whisper",
            version("openai-whisper"),
            "draft" if is_draft(self.loaded.name) else "standard",
            {
                "model": self.loaded.name,
                "device": str(self.model.device),
                "precision": PRECISIONS[self.precision],
                "batch_size": self.size,
                "official_alignment_heads": self.loaded.official_heads,
            },
        )

    def remark(self, hints: Hints) -> str | None:
        """Say which names there is no room for in Whisper's prompt."""
        return describe_losses(compose_prompt(self.model, hints))

    def recognise(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        hints: Hints,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Recognition:
        """Recognise the words inside `speech`; see `SpeechRecogniser`.

        Raises UsageFault for a language that Whisper does not know.
        """
        kept = {} if kept is None else kept
        chunks = cut_chunks(waveform, speech)
        task = _Task(self, waveform, speech, hints, voters(chunks), _main_language(hints, kept))
        missing = [chunk for chunk in chunks if chunk.name not in kept]
        total = sum(chunk.duration for chunk in chunks)
        done = total - sum(chunk.duration for chunk in missing)
        progress(done, total)
        for batch in batches(missing, self.size or 1):
            with self.stream:
                found = with_back_off(task.recognise_batch, batch)
            rows = {
                c.name: [astuple(w) for w in words] for c, words in zip(batch, found, strict=True)
            }
            kept.update(rows, **task.vote)
            done += sum(chunk.duration for chunk in batch)
            progress(done, total)
        words = [[Word(*row) for row in kept[chunk.name]] for chunk in chunks]
        return Recognition(
            drop_echoes(chunks, words),
            task.main.code if task.main else None,
            task.main.probability if task.main else None,
        )


def _main_language(hints: Hints, kept: Kept) -> MainLanguage | None:
    """The language that the user gave, or that the first batch of an earlier attempt voted for."""
    if hints.language:
        return MainLanguage(language_code(hints.language), None)
    return MainLanguage(*kept["language"]) if "language" in kept else None


@dataclass
class _Task:
    """One recording on its way through the model."""

    engine: WhisperRecogniser
    waveform: Waveform
    speech: Sequence[Interval]
    hints: Hints
    voters: Sequence[Chunk]  # on the language
    main: MainLanguage | None  # None until the first batch, unless the user gave it

    @property
    def vote(self) -> dict[str, object]:
        """The language found, as a piece to keep: later batches, after a stop too, go by it."""
        return {"language": astuple(self.main)} if self.main else {}

    def recognise_batch(self, chunks: list[Chunk]) -> list[list[Word]]:
        """Words of each chunk."""
        engine = self.engine
        audio = self._encode(chunks)
        languages = self._languages(audio, chunks)
        rows = decode_with_retries(engine.model, audio, languages, self._options(), engine.limits)
        texts = [
            Text(row.tokens, row.language, mel_frames(chunk), row.trace)
            for row, chunk in zip(rows, chunks, strict=True)
        ]
        aligned = align_rows(engine.model, audio, texts)
        return [
            words_of_chunk(words, chunk, text.language, self.speech)
            for words, chunk, text in zip(aligned, chunks, texts, strict=True)
        ]

    def _encode(self, chunks: Sequence[Chunk]) -> EncodedAudio:
        model = self.engine.model
        mels = stack_mels(model, self.waveform, chunks)
        return read_audio(model, encode(model, mels.to(self.engine.precision)))

    def _languages(self, audio: EncodedAudio, chunks: Sequence[Chunk]) -> list[str]:
        """Each chunk's language; the first batch finds that of the recording."""
        if self.main and self.main.probability is None:
            return [self.main.code] * len(chunks)
        windows = self._detect(audio)
        self.main = main = self.main or vote([*windows, *self._windows_beyond(len(windows))])
        return [chunk_language(c, w, main) for c, w in zip(chunks, windows, strict=True)]

    def _windows_beyond(self, count: int) -> Iterator[Probabilities]:
        """Detect the language of the voters that are not in a first batch of `count` chunks."""
        for chunk in self.voters[count:]:
            yield from self._detect(self._encode([chunk]))

    def _detect(self, audio: EncodedAudio) -> list[Probabilities]:
        return detect_languages(AfterReading(self.engine.model, audio), audio.features)

    def _options(self) -> DecodingOptions:
        prompt = compose_prompt(self.engine.model, self.hints).tokens
        return replace(self.engine.options, prompt=prompt or None)
