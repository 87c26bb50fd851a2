"""The case of faster-whisper, in an environment of its own: its batched pipeline, same weights.

`write_files` runs beside Whisper and writes what the case reads; the rest needs only numpy,
ctranslate2 and faster-whisper. With real weights and a real recording (bench/recognition/real.py):
`faster.py hear <folder> <compute type> <beams> <threads>`.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from cases import TOKENS, WINDOW, Inputs, Prepared, marks, time_case, windows

BATCH = {"cpu": 16, "cuda": 64}  # as many as ours takes
FIRST_LANGUAGE = 50259
PROMPT = 4  # marks; CTranslate2 decodes up to half of what they and the new tokens add up to
WEIGHTS, VOCABULARY = "whisper.npz", "tokenizer.json"


def write_files(folder: Path, size: str) -> None:
    """Write the weights of `folder`/<size>.pt as arrays, and Whisper's vocabulary."""
    from debate_transcriber.engines.whisper.model import load_model

    model = load_model(str(folder / f"{size}.pt"), None, "cpu").model
    arrays = {name: weight.numpy() for name, weight in model.state_dict().items()}
    heads = model.alignment_heads.indices().T.numpy()
    dims = json.dumps(vars(model.dims))
    np.savez(folder / WEIGHTS, **arrays, dims=dims, heads=heads, suppressed=_suppressed(model))
    (folder / VOCABULARY).write_text(json.dumps(_vocabulary(model.num_languages)))


def _suppressed(model: Any) -> list[int]:
    """What Whisper suppresses by itself; to find it faster-whisper would need merges."""
    from whisper.tokenizer import get_tokenizer

    return list(get_tokenizer(model.is_multilingual).non_speech_tokens)


def _vocabulary(languages: int) -> dict[str, Any]:
    """Whisper's vocabulary as a file of `tokenizers`, without merges: it only ever decodes."""
    from whisper.tokenizer import get_encoding

    encoding = get_encoding("multilingual", languages)
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
    heads = arrays.pop("heads").tolist()
    arrays.pop("suppressed")
    encoder, decoder = (
        (dims[f"n_{side}_layer"], dims[f"n_{side}_head"]) for side in ("audio", "text")
    )
    spec = WhisperSpec(*encoder, *decoder)
    _fill_encoder(spec.encoder, arrays)
    _fill_decoder(spec.decoder, arrays)
    tokens = json.loads((folder / VOCABULARY).read_text())
    words = tokens["model"]["vocab"]
    words |= {mark["content"]: mark["id"] for mark in tokens["added_tokens"]}
    spec.register_vocabulary(sorted(words, key=words.__getitem__))
    spec.config.alignment_heads = heads
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [220, 50257]
    spec.config.lang_ids = [
        n for n in words.values() if FIRST_LANGUAGE <= n < words["<|translate|>"]
    ]
    target = folder / "converted"
    target.mkdir(exist_ok=True)
    spec.validate()
    spec.save(str(target))
    (target / VOCABULARY).write_text((folder / VOCABULARY).read_text())
    features = {"feature_size": dims["n_mels"]}
    (target / "preprocessor_config.json").write_text(json.dumps(features))
    return target


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


def batched_pipeline(inputs: Inputs) -> Prepared:
    """`BatchedInferencePipeline.transcribe(word_timestamps=True)` on the windows of the others."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    compute = "float32" if inputs.device == "cpu" else "float16"
    path = str(convert(inputs.folder))
    model = WhisperModel(path, inputs.device, compute_type=compute, cpu_threads=inputs.threads)
    pipeline = BatchedInferencePipeline(model)
    vocabulary = model.hf_tokenizer.get_vocab_size(with_added_tokens=True)

    def transcribe(seconds: float) -> None:
        parts = windows(seconds)
        segments, _info = pipeline.transcribe(
            inputs.waveform(seconds),
            language="en",
            beam_size=1,
            temperature=0.0,
            word_timestamps=True,
            max_new_tokens=2 * TOKENS - PROMPT,
            suppress_tokens=marks(vocabulary),
            clip_timestamps=[{"start": start, "end": end} for start, end in parts],
            batch_size=BATCH.get(inputs.device, 1),
        )
        tokens = sum(len(segment.tokens) for segment in segments)
        if tokens != TOKENS * len(parts):
            sys.exit(f"faster-whisper decoded {tokens} tokens of {TOKENS * len(parts)}")

    transcribe(WINDOW)
    return inputs.asr_seconds, lambda: transcribe(inputs.asr_seconds)


def hear(folder: Path, compute: str, beams: int, threads: int) -> dict[str, float]:
    """Seconds for `folder`/audio.npy with the real weights in it, by its own voice activity."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(convert(folder)), "cpu", compute_type=compute, cpu_threads=threads)
    suppressed = np.load(folder / WEIGHTS)["suppressed"].tolist()
    waveform = np.load(folder / "audio.npy")

    def transcribe(samples: Any) -> int:
        segments, _info = BatchedInferencePipeline(model).transcribe(
            samples,
            beam_size=beams,
            word_timestamps=True,
            batch_size=BATCH["cpu"],
            suppress_tokens=suppressed,
        )
        return sum(len(segment.words) for segment in segments)

    transcribe(waveform[: int(WINDOW * 16_000)])
    wall, cpu = time.perf_counter(), time.process_time()
    words = transcribe(waveform)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "words": words}


if __name__ == "__main__" and sys.argv[1] == "hear":
    print(json.dumps(hear(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))))
elif __name__ == "__main__":
    print(time_case(sys.argv[1], batched_pipeline, Inputs.parse(sys.argv[2])).dump())
