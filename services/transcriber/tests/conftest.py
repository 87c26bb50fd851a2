import shutil
from pathlib import Path

import boto3
import numpy as np
import pytest
from debate_transcriber.engines.speech import Waveform
from hypothesis import settings
from moto import mock_aws
from real_weights import missing_weights
from speaking import ANSWER, MAN, QUESTION, WOMAN, say, write_wav

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


@pytest.fixture(scope="session")
def real_weights() -> None:
    """What the environment REAL says lies in the cache."""
    assert not (missing := missing_weights()), f"no {', '.join(missing)}: run `make test-weights`"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An empty bucket in memory; gives boto3's client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        from cloudpathlib import S3Client

        client = boto3.client("s3")
        place = {"LocationConstraint": "eu-central-1"}
        client.create_bucket(Bucket="debates", CreateBucketConfiguration=place)
        S3Client(local_cache_dir=tmp_path).set_as_default_client()
        yield client
