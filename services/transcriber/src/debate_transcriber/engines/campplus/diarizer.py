"""The diarizer: both networks, the clustering and the way back to time behind our interface."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from debate_contract.errors import BadInput
from numpy.typing import NDArray

from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.campplus import turns
from debate_transcriber.engines.campplus.embedding import (
    Embedder,
    Vectors,
    alone_in,
    at_frames,
    masks_of,
    seconds_alone,
)
from debate_transcriber.engines.campplus.networks.campplus import CamPlusPlus
from debate_transcriber.engines.campplus.networks.pyannet import PyanNet
from debate_transcriber.engines.campplus.pauses import quiet_frames, without_pauses
from debate_transcriber.engines.campplus.voices.clustering import (
    Floats,
    Labels,
    assigned,
    cluster,
    unit,
)
from debate_transcriber.engines.campplus.voices.pieces import find_pieces
from debate_transcriber.engines.campplus.voices.resegmentation import pieces_voices, split_voices
from debate_transcriber.engines.campplus.windows import (
    STEP,
    Activity,
    Classes,
    Windows,
    activity_of,
    classify,
)
from debate_transcriber.engines.devices import (
    items_that_fit,
    limit_threads,
    own_stream,
    resolve_device,
)
from debate_transcriber.engines.labels import labels_by_appearance, renamed
from debate_transcriber.engines.speech import (
    SAMPLE_RATE,
    Diarization,
    EngineInfo,
    Interval,
    Kept,
    Progress,
    SpeakerCount,
    Turn,
    Voice,
    Waveform,
)
from debate_transcriber.weights.fetching import checked, obtain
from debate_transcriber.weights.registry import CAMPPLUS, SEGMENTATION, Weights

VERSION = "2"  # of this pipeline: another one finds none of what was kept
VOICE_MODEL, VOICE_VERSION = "campplus-zh-en-192", CAMPPLUS.sources[0].sha256[:12]
STRETCH = 100  # windows that are finished, and kept, together: 200 s
SEGMENTATION_SHARE = 0.5  # of the time
# Of both networks' largest layers for 10 s of audio.
BYTES_PER_WINDOW, MOST_ON_GPU = 60e6, STRETCH
ON_CPU = 4  # windows at once: the LSTM takes a quarter less than one by one, and gains no more


def load_diarizer(settings: EngineSettings) -> "CampplusDiarizer":
    """Load both networks onto the device that the settings lead to."""
    limit_threads(settings.threads)
    device = resolve_device(settings.device)
    segmentation, voices = (
        load_tensors(weights, obtain(weights, settings.models, settings.report), device)
        for weights in (SEGMENTATION, CAMPPLUS)
    )
    return CampplusDiarizer(PyanNet(segmentation), CamPlusPlus(voices), device)


def load_tensors(weights: Weights, file: Path, device: str) -> dict[str, torch.Tensor]:
    """The tensors of a file that is known by its digest, and nothing else of it.

    Raises BadInput for any other file.
    """
    try:
        loaded: dict[str, Any] = torch.load(
            checked(weights, file), map_location=device, weights_only=True
        )
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror or error})") from error
    tensors: dict[str, torch.Tensor] = loaded.get("state_dict", loaded)
    return tensors


@dataclass
class CampplusDiarizer:
    """One instance serves any number of recordings."""

    segmentation: PyanNet
    encoder: CamPlusPlus
    device: str

    def __post_init__(self) -> None:
        self.info = EngineInfo(
            "segmentation-3.0+campplus",
            VERSION,
            "standard",
            {"model": VOICE_MODEL, "step": STEP, "device": self.device},
        )
        device = torch.device(self.device)
        on_gpu = device.type == "cuda"
        self.batch = items_that_fit(device, BYTES_PER_WINDOW, MOST_ON_GPU) if on_gpu else ON_CPU
        self.stream = own_stream(device)

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        count: SpeakerCount,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Diarization:
        """Tell the speakers apart, overlaps kept; a recording without speech has none."""
        if not speech:
            return Diarization([], [], [], VOICE_MODEL, VOICE_VERSION)
        windows, duration = Windows(waveform.size), waveform.size / SAMPLE_RATE
        kept = {} if kept is None else kept
        with self.stream:
            classes = self._segment(waveform, windows, kept, _share(progress, duration, 0.0))
            found = self._embed(
                waveform, windows, classes, kept, _share(progress, duration, SEGMENTATION_SHARE)
            )
        progress(duration, duration)
        chosen, centres = _voices(windows, classes, *found, count)
        quiet = quiet_frames(waveform)
        overlapping, exclusive = (
            without_pauses(turns.turns_of(frames, duration), quiet) for frames in chosen
        )
        return _diarization(turns.in_order(overlapping), turns.in_order(exclusive), centres)

    def _segment(
        self, waveform: Waveform, windows: Windows, kept: Kept, report: Callable[[float], None]
    ) -> NDArray[np.uint8]:
        """The class of each frame of each window."""
        for which in windows.stretches(STRETCH):
            name = f"classes {which.start}-{which.stop}"
            if name not in kept:
                rows = windows.cut(waveform, which)
                parts = [self._classify(part) for part in _parts(rows, self.batch)]
                kept[name] = np.concatenate(parts)
            report(which.stop / windows.count)
        return np.concatenate(
            [kept[f"classes {w.start}-{w.stop}"] for w in windows.stretches(STRETCH)]
        )

    def _classify(self, rows: torch.Tensor) -> NDArray[np.uint8]:
        """Classes of a batch; on a GPU that is too small, of halves of it."""
        try:
            return classify(self.segmentation, rows)
        except torch.OutOfMemoryError:
            if len(rows) == 1:
                raise
        torch.cuda.empty_cache()
        self.batch = len(rows) // 2
        return np.concatenate([self._classify(part) for part in _parts(rows, self.batch)])

    def _embed(
        self,
        waveform: Waveform,
        windows: Windows,
        classes: NDArray[np.uint8],
        kept: Kept,
        report: Callable[[float], None],
    ) -> tuple[Vectors, Vectors]:
        """The vectors of all windows' speakers, [windows, speakers, 192], and of all pieces."""
        embedder = Embedder(self.encoder, waveform, self.batch)
        for which in windows.stretches(STRETCH):
            names = f"vectors {which.start}-{which.stop}", f"pieces {which.start}-{which.stop}"
            if not all(name in kept for name in names):
                activity = activity_of(classes[which.start : which.stop])
                kept[names[0]], kept[names[1]] = _vectors(embedder, which, activity, windows.count)
            report(which.stop / windows.count)
        speakers, pieces = (
            np.concatenate([kept[f"{n} {w.start}-{w.stop}"] for w in windows.stretches(STRETCH)])
            for n in ("vectors", "pieces")
        )
        return speakers, pieces


def _vectors(
    embedder: Embedder, which: range, activity: Activity, count: int
) -> tuple[Vectors, Vectors]:
    """The vectors of windows that follow each other and of their pieces, in one pass."""
    masks = at_frames(masks_of(activity))
    pieces = find_pieces(at_frames(alone_in(activity)), which, count)
    owners = np.repeat(np.arange(which.start, which.stop), masks.shape[1])
    rows = np.concatenate([masks.reshape(len(owners), -1), pieces.masks])
    found = embedder.embed(which, np.concatenate([owners, pieces.windows]), rows)
    return found[: len(owners)].reshape(*masks.shape[:2], -1), found[len(owners) :]


def _voices(
    windows: Windows, classes: Classes, vectors: Vectors, sounds: Vectors, count: SpeakerCount
) -> tuple[tuple[turns.Chosen, turns.Chosen], Floats]:
    """Which voices are heard at each frame, with overlaps and without, and their centres."""
    activity, first_frames = activity_of(classes), windows.first_frames
    pieces = find_pieces(at_frames(alone_in(activity)), range(windows.count), windows.count)
    points, sounds = unit(vectors), unit(sounds)
    assign = partial(assigned, points, np.asarray(~np.isnan(vectors).any(2)))
    most = count.exact or count.maximum

    def split(labels: Labels, centres: Floats) -> Floats:
        return split_voices(pieces, sounds, labels, centres, most, assign)

    labels, centres = cluster(vectors, *seconds_alone(activity, first_frames), count, split)
    both, one = turns.heard(activity, labels, first_frames, len(centres))
    turns.move_pieces(both, one, *pieces_voices(pieces, sounds, labels, centres))
    return (both, one), centres


def _parts(rows: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _share(progress: Progress, duration: float, before: float) -> Callable[[float], None]:
    """Progress of one of the two halves, given as a fraction of it."""
    return lambda done: progress(duration * (before + done / 2), duration)


def _diarization(speech: list[Turn], exclusive: list[Turn], centres: Any) -> Diarization:
    names = labels_by_appearance([*speech, *exclusive])
    named = renamed(speech, names)
    voices = [
        Voice(name, centres[int(number)].astype(np.float32), _seconds(named, name))
        for number, name in sorted(names.items(), key=lambda item: item[1])
    ]
    return Diarization(named, renamed(exclusive, names), voices, VOICE_MODEL, VOICE_VERSION)


def _seconds(speech: Sequence[Turn], label: str) -> float:
    return sum(turn.end - turn.start for turn in speech if turn.label == label)
