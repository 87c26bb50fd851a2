"""The recogniser: chunks, batches, text, word times."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
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
from debate_transcriber.engines.speech import (
    EngineInfo,
    Hints,
    Interval,
    Kept,
    Progress,
    Recognition,
    Waveform,
    Word,
)
from debate_transcriber.engines.whisper.decoding.fallback import Limits
from debate_transcriber.engines.whisper.decoding.prompt import compose_prompt, describe_losses
from debate_transcriber.engines.whisper.hearing import Hearing, find_unheard
from debate_transcriber.engines.whisper.input.batches import batch_size, batches, with_back_off
from debate_transcriber.engines.whisper.input.chunks import Chunk, cut_chunks
from debate_transcriber.engines.whisper.input.language import MainLanguage, language_code, voters
from debate_transcriber.engines.whisper.model import (
    LoadedModel,
    choose_precision,
    keep_weights_as,
    load_model,
    overflows,
)
from debate_transcriber.engines.whisper.names import choose_model, is_draft
from debate_transcriber.engines.whisper.task import Setup, Task
from debate_transcriber.engines.whisper.words.loops import drop_echoes
from debate_transcriber.measured.calibration import calibrate

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
    return WhisperRecogniser(loaded, precision, beam_size=settings.beam_size)


@dataclass
class WhisperRecogniser:
    """Whisper over batches of chunks; one instance serves any number of recordings.

    `options` are Whisper's own for the first attempt. Timestamps are left out of its text: a chunk
    is decoded whole, and word times come from the attention. `beam_size` is for all languages;
    None: what suits the model and each chunk's language. Probabilities of words are on the model's
    curve (`measured.calibration`) unless `calibrated` is false.
    """

    loaded: LoadedModel
    precision: torch.dtype = torch.float32
    limits: Limits = field(default_factory=Limits)
    size: int | None = None  # chunks per batch; None: by memory
    beam_size: int | None = None
    calibrated: bool = True
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
                "beam_size": self.beam_size,
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
        setup = Setup(self.model, self.precision, self.options, self.limits, self.beam_size)
        main = _main_language(hints, kept)
        task = Task(setup, waveform, speech, hints, voters(chunks), main)
        self._recognise_missing(task, chunks, kept, progress)
        words = [[Word(*row) for row in kept[chunk.name]["words"]] for chunk in chunks]
        unsure = [chunk for chunk in chunks if kept[chunk.name]["unsure"]]
        heard = drop_echoes(chunks, words)
        recognised = [word for chunk_words in words for word in chunk_words]
        return Recognition(
            calibrate(self.loaded.name, heard) if self.calibrated else heard,
            task.main.code if task.main else None,
            task.main.probability if task.main else None,
            find_unheard(heard, speech, unsure, recognised),
        )

    def _recognise_missing(
        self, task: Task, chunks: Sequence[Chunk], kept: Kept, progress: Progress
    ) -> None:
        """Recognise the chunks that are not kept yet; each batch is kept at once."""
        missing = [chunk for chunk in chunks if chunk.name not in kept]
        total = sum(chunk.duration for chunk in chunks)
        done = total - sum(chunk.duration for chunk in missing)
        progress(done, total)
        for batch in batches(missing, self.size or 1):
            with self.stream:
                found = with_back_off(task.recognise_batch, batch)
            pieces = {c.name: self._piece(h) for c, h in zip(batch, found, strict=True)}
            kept.update(pieces, **task.vote)
            done += sum(chunk.duration for chunk in batch)
            progress(done, total)

    def _piece(self, hearings: Sequence[Hearing]) -> dict[str, object]:
        """What is heard in a chunk as it is kept."""
        return {
            "words": [astuple(word) for hearing in hearings for word in hearing.words],
            "unsure": any(self.limits.is_silent(hearing.row) for hearing in hearings),
        }


def _main_language(hints: Hints, kept: Kept) -> MainLanguage | None:
    """The language that the user gave, or that the first batch of an earlier attempt voted for."""
    if hints.language:
        return MainLanguage(language_code(hints.language), None)
    return MainLanguage(*kept["language"]) if "language" in kept else None
