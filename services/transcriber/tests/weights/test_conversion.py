"""Whisper written in CTranslate2's format and read back, bit for bit."""

from pathlib import Path

import numpy as np
import pytest
import torch
import whisper
from debate_contract.errors import BadInput
from debate_transcriber.engines.whisper.model import load_model
from debate_transcriber.engines.whisper.names import cached_file
from debate_transcriber.weights.conversion import convert
from debate_transcriber.weights.registry import WHISPER
from wheelhouse import serialise, to_ctranslate2
from whisper.model import ModelDimensions, Whisper

# As random_whisper's, but of two heads of the only width there is.
DIMENSIONS = ModelDimensions(80, 1500, 128, 2, 2, 200, 48, 128, 2, 3)
ALIAS = {"decoder/projection/weight": "decoder/embeddings/weight"}


@pytest.fixture(scope="module")
def model() -> Whisper:
    torch.manual_seed(0)
    model = Whisper(DIMENSIONS).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model.half().float()


def converted(content: bytes, folder: Path, name: str = "base.pt") -> Path:
    (folder / "model.bin").write_bytes(content)
    convert(folder / "model.bin", folder / name)
    return folder / name


def test_a_model_comes_back_bit_for_bit(model: Whisper, tmp_path: Path) -> None:
    file = converted(serialise(to_ctranslate2(model.state_dict()), ALIAS), tmp_path)

    loaded = whisper.load_model(str(file), device="cpu")

    assert loaded.dims == model.dims
    theirs = model.state_dict()
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, theirs[name]), name


def test_the_same_name_has_the_same_bytes(model: Whisper, tmp_path: Path) -> None:
    content = serialise(to_ctranslate2(model.state_dict()), ALIAS)
    first = converted(content, tmp_path).read_bytes()
    assert converted(content, tmp_path).read_bytes() == first


def damaged(model: Whisper) -> dict[str, bytes]:
    variables = to_ctranslate2(model.state_dict())
    whole = serialise(variables, ALIAS)
    keys = variables["encoder/layer_0/self_attention/linear_0/bias"].copy()
    keys[128] = 1
    return {
        "cut off": whole[:-1000],
        "longer": whole + b"\0",
        "empty": b"",
        "a pickle": b"cos\nsystem\n(S'true'\ntR.",
        "another version": serialise(variables, ALIAS, version=7),
        "a part missing": serialise(
            {n: v for n, v in variables.items() if n != "decoder/layer_norm/beta"}, ALIAS
        ),
        "a part too many": serialise(variables | {"extra": np.ones(3, np.float16)}, ALIAS),
        "keys with a bias": serialise(
            variables | {"encoder/layer_0/self_attention/linear_0/bias": keys}, ALIAS
        ),
        "an alias of nothing": serialise(variables, {"decoder/projection/weight": "nothing"}),
        "an output of its own": serialise(
            variables | {"decoder/projection/weight": variables["decoder/embeddings/weight"] + 1},
            {},
        ),
    }


@pytest.mark.parametrize("fault", sorted(damaged(Whisper(DIMENSIONS))))
def test_anything_else_is_refused(model: Whisper, tmp_path: Path, fault: str) -> None:
    with pytest.raises(BadInput, match=r"model\.bin is no Whisper model of CTranslate2: "):
        converted(damaged(model)[fault], tmp_path)
    assert not (tmp_path / "base.pt").exists()


HERE = [file for name in WHISPER if (file := cached_file(name))]
if HERE:

    @pytest.mark.parametrize("file", HERE, ids=lambda file: file.name)
    def test_the_models_in_this_machines_cache_load(file: Path) -> None:
        loaded = load_model(str(file), None, "cpu")
        assert loaded.official_heads
