import urllib.request

import pyarrow as pa
import pytest
from cloud import Cloud
from house import House
from moto.server import ThreadedMotoServer
from pyarrow import parquet

URL = "https://example.org/debate.mp4"


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


@pytest.fixture(scope="session")
def moto_endpoint():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(house, moto_endpoint, tmp_path):
    reset = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=10).close()
    cloud = Cloud(house, moto_endpoint, tmp_path)
    yield cloud
    cloud.batch.server.close()
