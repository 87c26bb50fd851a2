import os
from collections.abc import Iterator
from pathlib import Path

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
os.environ["HF_HUB_OFFLINE"] = "1"
# Stock alignment has numba start threads, as many as it may, and torch has as many from then on:
# small tensors cost it ten times the work then, most of it waiting in circles.
os.environ["NUMBA_NUM_THREADS"] = "1"

import pytest
import torch
from generated import random_whisper, save_whisper
from whisper.model import Whisper

torch.set_num_threads(1)

# Faults of the libraries that are not ours to mend and change no result.
LIBRARY_WARNINGS = [
    # whisper.decoding sorts a tensor with numpy, in beam search
    "ignore:__array_wrap__ must accept context:DeprecationWarning",
    # whisper leaves its vocabulary and a downloaded file to the garbage collector
    r"ignore:unclosed file.*(tiktoken|tiny\.pt):ResourceWarning",
    r"ignore:Exception ignored in.*(tiktoken|tiny\.pt):pytest.PytestUnraisableExceptionWarning",
]


def pytest_configure(config: pytest.Config) -> None:
    for line in LIBRARY_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """No library has given torch more threads behind the tests' back."""
    yield
    assert torch.get_num_threads() == 1


@pytest.fixture(scope="session")
def model() -> Whisper:
    return random_whisper()


@pytest.fixture(scope="session")
def whisper_file(model: Whisper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_whisper(model, tmp_path_factory.mktemp("models") / "whisper" / "random.pt")
