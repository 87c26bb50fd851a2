import json
import urllib.request

import pyarrow as pa
import pytest
from cloud import Cloud
from debate_contract.schemas import faults
from house import House
from pyarrow import parquet

pytest_plugins = ["debate_contract.testing"]

URL = "https://example.org/debate.mp4"


def status(front, *arguments, code=0):
    """What `status --json` says in a house or on a cloud; it fits the contract."""
    result = front.debate("status", "--json", *arguments)
    assert result.returncode == code, result.stderr
    report = json.loads(result.stdout)
    assert faults(report, "status") == []
    return report


@pytest.fixture(scope="session")
def figures(tmp_path_factory):
    """What the fake stats stage hands out."""
    columns = {
        "speaker_id_in_transcript": ["SPEAKER_00", "SPEAKER_01"],
        "total_seconds": [30.0, 90.0],
        "share_speaking_time": [0.25, 0.75],
        "word_count": [70, 1210],
    }
    path = tmp_path_factory.mktemp("figures") / "stats.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def house(tmp_path, figures):
    house = House(tmp_path, figures)
    yield house
    house.close()


@pytest.fixture
def cloud(house, aws_server, tmp_path):
    reset = urllib.request.Request(f"{aws_server}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=10).close()
    cloud = Cloud(house, aws_server, tmp_path)
    yield cloud
    cloud.batch.server.close()
