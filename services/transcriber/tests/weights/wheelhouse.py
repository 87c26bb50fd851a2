"""Makes wheels and small models on the spot, for the real pip to find in a folder."""

import hashlib
import struct
import zipfile
from pathlib import Path

import numpy as np
import torch
from debate_contract.storage import sha256_of
from debate_transcriber.weights.registry import Packaged, Weights, Wheel

Variables = dict[str, np.ndarray]


def write_wheel(folder: Path, package: str, members: dict[str, bytes], tag: str) -> Path:
    """A wheel of so little that pip takes it for one."""
    name = package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def packaged(folder: Path, contents: dict[str, bytes], *, ctranslate2: bool = False) -> Packaged:
    """A wheel per content, named as given, with one file each."""
    wheels = []
    for package, content in contents.items():
        tag = "cp311-cp311-manylinux_2_28_x86_64"
        file = write_wheel(folder, package, {"data/part.bin": content}, tag)
        wheels.append(Wheel(package, "1.0", sha256_of(file), "data/part.bin"))
    whole = hashlib.sha256(b"".join(contents.values())).hexdigest()
    return Packaged(tuple(wheels), whole, ctranslate2)


def weights(*sources: object, file: str = "voices/some.pt") -> Weights:
    return Weights("some weights", file, 1, "MIT", sources)  # type: ignore[arg-type]


def to_ctranslate2(state: dict[str, torch.Tensor]) -> Variables:
    """Whisper's state under CTranslate2's names and in its shapes."""
    target = _Target(state)
    for name in ("conv1", "conv2"):
        target.linear(f"encoder.{name}", f"encoder/{name}")
    for side in ("encoder", "decoder"):
        target.put(f"{side}/position_encodings/encodings", f"{side}.positional_embedding")
        for layer in sorted({n.split(".")[2] for n in state if n.startswith(f"{side}.blocks.")}):
            target.block(f"{side}.blocks.{layer}", f"{side}/layer_{layer}")
    target.norm("encoder.ln_post", "encoder/layer_norm")
    target.norm("decoder.ln", "decoder/layer_norm")
    target.put("decoder/embeddings/weight", "decoder.token_embedding.weight")
    rest = {"num_heads": np.int8(1), "decoder/projection/bias": np.zeros(9, np.float16)}
    return target.found | rest


class _Target:
    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        self.state, self.found = state, {}

    def put(self, name: str, *parts: str) -> None:
        """Parts joined; a bias that Whisper has not (the keys') is zeros."""
        zeros = torch.zeros_like(self.state[parts[-1]])
        joined = torch.cat([self.state.get(part, zeros) for part in parts])
        self.found[name] = joined.to(torch.float16).numpy()

    def linear(self, source: str, target: str) -> None:
        for part in ("weight", "bias"):
            self.put(f"{target}/{part}", f"{source}.{part}")

    def norm(self, source: str, target: str) -> None:
        self.put(f"{target}/gamma", f"{source}.weight")
        self.put(f"{target}/beta", f"{source}.bias")

    def fused(self, source: str, target: str, names: tuple[str, ...]) -> None:
        for part in ("weight", "bias"):
            self.put(f"{target}/{part}", *(f"{source}.{name}.{part}" for name in names))

    def block(self, source: str, target: str) -> None:
        own, across = f"{target}/self_attention", f"{target}/attention"
        self.norm(f"{source}.attn_ln", f"{own}/layer_norm")
        self.fused(f"{source}.attn", f"{own}/linear_0", ("query", "key", "value"))
        self.linear(f"{source}.attn.out", f"{own}/linear_1")
        if source.startswith("decoder"):
            self.norm(f"{source}.cross_attn_ln", f"{across}/layer_norm")
            self.linear(f"{source}.cross_attn.query", f"{across}/linear_0")
            self.fused(f"{source}.cross_attn", f"{across}/linear_1", ("key", "value"))
            self.linear(f"{source}.cross_attn.out", f"{across}/linear_2")
        self.norm(f"{source}.mlp_ln", f"{target}/ffn/layer_norm")
        self.linear(f"{source}.mlp.0", f"{target}/ffn/linear_0")
        self.linear(f"{source}.mlp.2", f"{target}/ffn/linear_1")


def serialise(variables: Variables, aliases: dict[str, str], version: int = 6) -> bytes:
    """CTranslate2's file of them."""
    types = {"float16": 4, "int8": 1}

    def text(name: str) -> bytes:
        return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"

    parts = [struct.pack("<I", version), text("WhisperSpec"), struct.pack("<I", 3)]
    parts.append(struct.pack("<I", len(variables)))
    for name, value in variables.items():
        shape = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        kind = struct.pack("<BI", types[value.dtype.name], value.nbytes)
        parts += [text(name), shape, kind, value.tobytes()]
    parts.append(struct.pack("<I", len(aliases)))
    return b"".join([*parts, *(text(a) + text(n) for a, n in aliases.items())])
