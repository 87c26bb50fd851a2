"""The case of faster-whisper, in an environment of its own: its batched pipeline, same weights.

`write_files` runs beside Whisper and writes what the case reads; the rest needs only numpy,
ctranslate2 and faster-whisper.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from cases import SUPPRESSED, TOKENS, WINDOW, Inputs, Prepared, time_case

BATCH = 16  # as many as ours takes on a CPU
PROMPT = 4  # marks; CTranslate2 decodes up to half of what they and the new tokens add up to
WEIGHTS, VOCABULARY = "whisper.npz", "tokenizer.json"


def write_files(folder: Path) -> None:
    """Write the weights of `folder`/whisper.pt as arrays, and Whisper's vocabulary."""
    import torch

    checkpoint = torch.load(folder / "whisper.pt", weights_only=True)
    arrays = {name: weight.numpy() for name, weight in checkpoint["model_state_dict"].items()}
    np.savez(folder / WEIGHTS, **arrays, dims=json.dumps(checkpoint["dims"]))
    (folder / VOCABULARY).write_text(json.dumps(_vocabulary()))


def _vocabulary() -> dict[str, Any]:
    """Whisper's vocabulary as a file of `tokenizers`, without merges: it only ever decodes."""
    from whisper.tokenizer import get_encoding

    encoding = get_encoding("multilingual", 99)
    letters = _letters_of_bytes()
    words = {"".join(letters[b] for b in word): n for word, n in encoding._mergeable_ranks.items()}
    marks = [
        {"id": n, "content": mark, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for mark, n in encoding._special_tokens.items()
    ]
    bytewise = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    model = {"type": "BPE", "vocab": words, "merges": []}
    return {"version": "1.0", "added_tokens": marks, "decoder": bytewise, "model": model}


def _letters_of_bytes() -> dict[int, str]:
    """GPT-2's letters for bytes: printable ones for themselves, the others from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(others)}


def convert(folder: Path) -> Path:
    """Write the weights in CTranslate2's format, fp32; return the folder."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    arrays = dict(np.load(folder / WEIGHTS))
    dims = json.loads(str(arrays.pop("dims")))
    encoder, decoder = (
        (dims[f"n_{side}_layer"], dims[f"n_{side}_head"]) for side in ("audio", "text")
    )
    spec = WhisperSpec(*encoder, *decoder)
    _fill_encoder(spec.encoder, arrays)
    _fill_decoder(spec.decoder, arrays)
    tokens = json.loads((folder / VOCABULARY).read_text())
    words = tokens["model"]["vocab"] | {
        mark["content"]: mark["id"] for mark in tokens["added_tokens"]
    }
    spec.register_vocabulary(sorted(words, key=words.__getitem__))
    _describe(spec.config, words, *decoder)
    target = folder / "converted"
    target.mkdir(exist_ok=True)
    spec.validate()
    spec.save(str(target))
    (target / VOCABULARY).write_text(json.dumps(tokens))
    return target


def _describe(config: Any, words: dict[str, int], layers: int, heads: int) -> None:
    """As in a random checkpoint: all heads of the upper half align."""
    config.alignment_heads = [(n, h) for n in range(layers // 2, layers) for h in range(heads)]
    config.suppress_ids, config.suppress_ids_begin = [], [220, 50257]
    config.lang_ids = [n for word, n in words.items() if 50259 <= n < 50358]


def _fill_encoder(spec: Any, arrays: dict[str, np.ndarray]) -> None:
    for name in ("conv1", "conv2"):
        _fill(getattr(spec, name), arrays, f"encoder.{name}")
    spec.position_encodings.encodings = arrays["encoder.positional_embedding"]
    _fill_norm(spec.layer_norm, arrays, "encoder.ln_post")
    for n, layer in enumerate(spec.layer):
        _fill_block(layer, arrays, f"encoder.blocks.{n}")


def _fill_decoder(spec: Any, arrays: dict[str, np.ndarray]) -> None:
    embeddings = arrays["decoder.token_embedding.weight"]
    spec.embeddings.weight = spec.projection.weight = embeddings
    spec.position_encodings.encodings = arrays["decoder.positional_embedding"]
    _fill_norm(spec.layer_norm, arrays, "decoder.ln")
    for n, layer in enumerate(spec.layer):
        block = f"decoder.blocks.{n}"
        _fill_block(layer, arrays, block)
        cross = f"{block}.cross_attn"
        _fill_joined(layer.attention.linear[0], arrays, cross, "query")
        _fill_joined(layer.attention.linear[1], arrays, cross, "key", "value")
        _fill(layer.attention.linear[2], arrays, f"{cross}.out")
        _fill_norm(layer.attention.layer_norm, arrays, f"{block}.cross_attn_ln")


def _fill_block(layer: Any, arrays: dict[str, np.ndarray], block: str) -> None:
    own = layer.self_attention
    _fill_joined(own.linear[0], arrays, f"{block}.attn", "query", "key", "value")
    _fill(own.linear[1], arrays, f"{block}.attn.out")
    _fill_norm(own.layer_norm, arrays, f"{block}.attn_ln")
    _fill(layer.ffn.linear_0, arrays, f"{block}.mlp.0")
    _fill(layer.ffn.linear_1, arrays, f"{block}.mlp.2")
    _fill_norm(layer.ffn.layer_norm, arrays, f"{block}.mlp_ln")


def _fill(spec: Any, arrays: dict[str, np.ndarray], name: str) -> None:
    spec.weight, spec.bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]


def _fill_norm(spec: Any, arrays: dict[str, np.ndarray], name: str) -> None:
    spec.gamma, spec.beta = arrays[f"{name}.weight"], arrays[f"{name}.bias"]


def _fill_joined(spec: Any, arrays: dict[str, np.ndarray], attention: str, *names: str) -> None:
    """CTranslate2 projects at once what reads the same input; Whisper's keys have no bias."""
    weights = [arrays[f"{attention}.{name}.weight"] for name in names]
    none = np.zeros(len(weights[0]), np.float32)
    spec.weight = np.concatenate(weights)
    spec.bias = np.concatenate([arrays.get(f"{attention}.{name}.bias", none) for name in names])


def batched_pipeline(inputs: Inputs, device: str = "cpu", compute: str = "float32") -> Prepared:
    """`BatchedInferencePipeline.transcribe(word_timestamps=True)` on the windows of the others."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(
        str(convert(inputs.folder)), device, compute_type=compute, cpu_threads=inputs.threads
    )
    pipeline = BatchedInferencePipeline(model)
    suppressed = [int(token) for token in SUPPRESSED.split(",")]

    def transcribe(seconds: float) -> int:
        windows = [{"start": t, "end": t + WINDOW} for t in np.arange(0, seconds, WINDOW)]
        segments, _info = pipeline.transcribe(
            inputs.waveform(seconds),
            language="en",
            beam_size=1,
            temperature=0.0,
            word_timestamps=True,
            max_new_tokens=2 * TOKENS - PROMPT,
            suppress_tokens=suppressed,
            clip_timestamps=windows,
            batch_size=BATCH,
        )
        return sum(len(segment.tokens) for segment in segments)

    transcribe(WINDOW)

    def work() -> None:
        tokens = transcribe(inputs.asr_seconds)
        expected = TOKENS * inputs.asr_seconds / WINDOW
        if tokens != expected:
            sys.exit(f"faster-whisper decoded {tokens} tokens where {expected:.0f} were wanted")

    return inputs.asr_seconds, work


if __name__ == "__main__":
    print(
        json.dumps(
            time_case("recognition faster", batched_pipeline, Inputs.parse(sys.argv[1])).per_hour()
        )
    )
