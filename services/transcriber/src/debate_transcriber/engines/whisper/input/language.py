"""Which language each chunk is in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from debate_contract.errors import UsageFault
from whisper.tokenizer import LANGUAGES, TO_LANGUAGE_CODE, get_tokenizer

from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, Passes
from debate_transcriber.engines.whisper.input.chunks import Chunk

# A chunk departs from the language of the recording only on this evidence, seconds of speech and
# probability: detection on a few words, or on a borrowed phrase, is often wrong and costs the whole
# chunk.
EVIDENCE = ((5.0, 0.8), (2.0, 0.95))
VOTERS = 5

Probabilities = dict[str, float]  # language code to probability


@dataclass(frozen=True, slots=True)
class MainLanguage:
    """The language of the recording and how probable it is; None when the user gave it."""

    code: str
    probability: float | None


def language_code(name: str) -> str:
    """Whisper's code of a language given as code or English name ("cs", "Czech").

    Raises UsageFault when Whisper does not know it.
    """
    code = TO_LANGUAGE_CODE.get(name.lower(), name.lower())
    if code not in LANGUAGES:
        raise UsageFault(
            f'Whisper does not know the language "{name}": give a two-letter code such as en or '
            "cs, or leave LANGUAGE empty to have it detected."
        )
    return str(code)


@torch.no_grad()
def detect_languages(model: Any, audio: EncodedAudio) -> list[Probabilities]:
    """Distribution over languages of each encoded window; English for an English-only model.

    As `whisper.detect_language`, of whose logits only those of languages are computed here.
    """
    if not model.is_multilingual:
        return [{"en": 1.0}] * len(audio)
    tokenizer = get_tokenizer(True, num_languages=model.num_languages)
    begin = torch.full((len(audio), 1), tokenizer.sot, device=audio.features.device)
    hidden = Passes(model, audio).read(begin)[:, 0]
    words = model.decoder.token_embedding.weight[list(tokenizer.all_language_tokens)]
    shares = (hidden @ words.to(hidden.dtype).T).float().softmax(dim=-1).tolist()
    return [dict(zip(tokenizer.all_language_codes, row, strict=True)) for row in shares]


def voters(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks that decide, at least, on the language of the recording: those with most speech.

    One chunk may be a quotation or a song; a first batch may be one chunk.
    """
    return sorted(chunks, key=lambda chunk: chunk.speech_seconds, reverse=True)[:VOTERS]


def vote(windows: Sequence[Probabilities]) -> MainLanguage:
    """The language that several windows agree on: the highest mean probability."""
    total: Counter[str] = Counter()
    for probabilities in windows:
        total.update(probabilities)
    code, probability = total.most_common(1)[0]
    return MainLanguage(code, probability / len(windows))


def chunk_language(chunk: Chunk, probabilities: Probabilities, main: MainLanguage) -> str:
    """The chunk's own language where the evidence is strong, else that of the recording."""
    own = max(probabilities, key=lambda code: probabilities[code])
    strong = any(
        chunk.speech_seconds >= seconds and probabilities[own] >= sure for seconds, sure in EVIDENCE
    )
    return own if strong else main.code
