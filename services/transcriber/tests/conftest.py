import shutil
from pathlib import Path

import numpy as np
import pytest
from debate_transcriber import job
from debate_transcriber.engines.speech import Waveform
from engines_fake import FakeEngines
from hypothesis import settings
from real_weights import missing_weights
from speaking import ANSWER, MAN, QUESTION, WOMAN, say, write_wav

pytest_plugins = ["debate_contract.testing"]

# A busy machine is no fault of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


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


@pytest.fixture
def engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeEngines:
    """Engines that find the WORDS of the test's module, whatever the job gives them to hear."""
    fake = FakeEngines(request.module.WORDS)
    monkeypatch.setattr(job, "choose_engines", lambda *_: fake)
    return fake


@pytest.fixture(scope="session")
def real_weights() -> None:
    """What the environment REAL says lies in the cache."""
    assert not (missing := missing_weights()), f"no {', '.join(missing)}: run `make test-weights`"
