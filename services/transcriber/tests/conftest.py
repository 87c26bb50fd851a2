import shutil
from pathlib import Path

import numpy as np
import pytest
from debate_transcriber.speech import Waveform
from speaking import ANSWER, MAN, QUESTION, WOMAN, say, write_wav


@pytest.fixture(scope="session")
def debate(tmp_path_factory: pytest.TempPathFactory) -> Waveform:
    """A question, an answer, a question again: two voices, a second of silence in between."""
    assert shutil.which("espeak-ng"), "install the package espeak-ng"
    folder = tmp_path_factory.mktemp("voices")
    silence = np.zeros(16_000, np.float32)
    man, woman = say(folder, MAN, QUESTION), say(folder, WOMAN, ANSWER)
    return np.concatenate([man, silence, woman, silence, man])


@pytest.fixture(scope="session")
def debate_file(debate: Waveform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    return write_wav(tmp_path_factory.mktemp("debate") / "debate.wav", debate)
