"""A disk that fills while the dataset is written."""

import random
import resource
import subprocess
import sys

import pytest
from test_corpus import build, content, put
from timelines import segment, transcript

LIMIT = 20_000  # bytes of a file, beyond which this disk is full


def long_debate(number):
    chance = random.Random(number)
    words = (f"{chance.getrandbits(64):x}" for _ in range(4_000))
    return transcript([segment(0, 4_000, "A", " ".join(words))])


def small_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


@pytest.fixture
def root(tmp_path):
    put(tmp_path, "short")
    put(tmp_path, "long", long_debate(1))
    return tmp_path


def test_it_is_said_in_a_sentence_and_the_next_update_goes_on(root, capsys):
    command = [sys.executable, "-m", "debate_stats", "corpus", "--root", str(root)]
    full = subprocess.run(
        command, preexec_fn=small_disk, capture_output=True, text=True, timeout=60, check=False
    )

    assert full.returncode == 75
    assert "the disk is full" in full.stderr
    assert "Traceback" not in full.stderr

    assert "1 of them new" in build(root, capsys)["message"]
    once = root / "once"
    put(once, "short")
    put(once, "long", long_debate(1))
    build(once, capsys)
    assert content(root / "dataset") == content(once / "dataset")
