"""Whisper from CTranslate2's format to the checkpoint that openai-whisper loads, bit for bit.

CTranslate2's binary version 6, little endian:

    u32 version | name | u32 revision | u32 number of variables
    per variable: name | u8 rank | rank of u32 shape | u8 type | u32 bytes | data
    u32 number of aliases | per alias: name | name of the variable it stands for
    name = u16 length, the final zero byte included | bytes

Nothing of it is code: numbers are read, and numbers are written.
"""

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from debate_contract.errors import BadInput
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

VERSION = 6
TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
HEAD = 64  # numbers per attention head, in every size of Whisper

Variables = dict[str, NDArray[Any]]


def convert(source: Path, target: Path) -> None:
    """Write the checkpoint of CTranslate2's `source` to `target`.

    The same bytes come out for the same name of `target`. Raises BadInput for a file of another
    kind or with parts that Whisper has not.
    """
    import torch

    try:
        checkpoint = to_checkpoint(read_variables(source.read_bytes()))
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise BadInput(f"{source.name} is no Whisper model of CTranslate2: {error}") from error
    torch.save(checkpoint, target)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = memoryview(data), 0

    def take(self, count: int) -> memoryview:
        if self.at + count > len(self.data):
            raise ValueError("it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> int:
        return int(struct.unpack(f"<{form}", self.take(struct.calcsize(form)))[0])

    def name(self) -> str:
        return bytes(self.take(self.number("H"))).rstrip(b"\0").decode()

    def variable(self) -> NDArray[Any]:
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = TYPES[self.number("B")]
        return np.frombuffer(self.take(self.number("I")), kind).reshape(shape)


def read_variables(data: bytes) -> Variables:
    """The variables by name, aliases among them."""
    reader = _Reader(data)
    if (version := reader.number("I")) != VERSION:
        raise ValueError(f"binary version {version}, not {VERSION}")
    reader.name(), reader.number("I")
    found = {reader.name(): reader.variable() for _ in range(reader.number("I"))}
    for _ in range(reader.number("I")):
        alias = reader.name()
        found[alias] = found[reader.name()]
    if reader.at != len(data):
        raise ValueError("bytes are left over")
    return found


def to_checkpoint(variables: Variables) -> dict[str, Any]:
    """Whisper's `dims` and `model_state_dict` in the numbers' own precision."""
    source = _Source(variables)
    for name in ("conv1", "conv2"):
        source.linear(f"encoder.{name}", f"encoder/{name}")
    source.alone("encoder.positional_embedding", "encoder/position_encodings/encodings")
    source.alone("decoder.token_embedding.weight", "decoder/embeddings/weight")
    source.alone("decoder.positional_embedding", "decoder/position_encodings/encodings")
    layers = {side: _layers(variables, side) for side in ("encoder", "decoder")}
    for side, count in layers.items():
        for layer in range(count):
            source.block(f"{side}.blocks.{layer}", f"{side}/layer_{layer}")
    source.norm("encoder.ln_post", "encoder/layer_norm")
    source.norm("decoder.ln", "decoder/layer_norm")
    source.refuse_rest()
    return {"dims": _dimensions(source.state, layers), "model_state_dict": source.state}


def _layers(variables: Variables, side: str) -> int:
    prefix = f"{side}/layer_"
    numbers = [n.removeprefix(prefix).partition("/")[0] for n in variables if n.startswith(prefix)]
    return 1 + max(int(number) for number in numbers if number.isdigit())


def _dimensions(state: "dict[str, torch.Tensor]", layers: dict[str, int]) -> dict[str, int]:
    vocabulary, text = state["decoder.token_embedding.weight"].shape
    audio, mels, _ = state["encoder.conv1.weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": len(state["encoder.positional_embedding"]),
        "n_audio_state": audio,
        "n_audio_head": audio // HEAD,
        "n_audio_layer": layers["encoder"],
        "n_vocab": vocabulary,
        "n_text_ctx": len(state["decoder.positional_embedding"]),
        "n_text_state": text,
        "n_text_head": text // HEAD,
        "n_text_layer": layers["decoder"],
    }


class _Source:
    """CTranslate2's variables, taken one by one into Whisper's state under Whisper's names."""

    def __init__(self, variables: Variables) -> None:
        self.rest = dict(variables)
        self.embedding = variables["decoder/embeddings/weight"]
        self.state: dict[str, torch.Tensor] = {}

    def _take(self, name: str) -> "torch.Tensor":
        import torch

        return torch.from_numpy(self.rest.pop(name).copy())

    def alone(self, target: str, source: str) -> None:
        self.state[target] = self._take(source)

    def linear(self, target: str, source: str) -> None:
        for part in ("weight", "bias"):
            self.alone(f"{target}.{part}", f"{source}/{part}")

    def norm(self, target: str, source: str) -> None:
        for part, own in (("weight", "gamma"), ("bias", "beta")):
            self.alone(f"{target}.{part}", f"{source}/{own}")

    def fused(self, target: str, source: str, names: tuple[str, ...]) -> None:
        """Projections that CTranslate2 keeps as one, with a bias of zeros for Whisper's keys."""
        weights = self._take(f"{source}/weight").chunk(len(names))
        biases = self._take(f"{source}/bias").chunk(len(names))
        for name, weight, bias in zip(names, weights, biases, strict=True):
            self.state[f"{target}.{name}.weight"] = weight.clone()
            if name != "key":
                self.state[f"{target}.{name}.bias"] = bias.clone()
            elif bias.any():
                raise ValueError("its keys have a bias")

    def block(self, target: str, source: str) -> None:
        """One layer; those of the decoder look at the audio too."""
        self.norm(f"{target}.attn_ln", f"{source}/self_attention/layer_norm")
        own = f"{source}/self_attention"
        self.fused(f"{target}.attn", f"{own}/linear_0", ("query", "key", "value"))
        self.linear(f"{target}.attn.out", f"{own}/linear_1")
        if target.startswith("decoder"):
            across = f"{source}/attention"
            self.norm(f"{target}.cross_attn_ln", f"{across}/layer_norm")
            self.linear(f"{target}.cross_attn.query", f"{across}/linear_0")
            self.fused(f"{target}.cross_attn", f"{across}/linear_1", ("key", "value"))
            self.linear(f"{target}.cross_attn.out", f"{across}/linear_2")
        self.norm(f"{target}.mlp_ln", f"{source}/ffn/layer_norm")
        self.linear(f"{target}.mlp.0", f"{source}/ffn/linear_0")
        self.linear(f"{target}.mlp.2", f"{source}/ffn/linear_1")

    def refuse_rest(self) -> None:
        """Settings are single numbers, and the output layer is the embedding once more."""
        self.rest = {name: value for name, value in self.rest.items() if value.ndim}
        projection = self.rest.pop("decoder/projection/weight", self.embedding)
        if not np.array_equal(projection, self.embedding):
            raise ValueError("its output layer is not its embedding")
        left = sorted(name for name, value in self.rest.items() if value.any())
        if left:
            raise ValueError(f"it has {', '.join(left[:3])} besides")
