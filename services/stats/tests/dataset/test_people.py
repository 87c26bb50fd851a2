"""The table of people as programs on any system write it."""

import pytest
from debate_stats.dataset.people import read_people

TABLE = "transcript,label,person\njobs/a.json,SPEAKER_00,Ana Nováková\njobs/a.json,SPEAKER_01,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_table_of_any_spreadsheet_is_read(tmp_path, encoding, delimiter):
    file = tmp_path / "people.csv"
    file.write_bytes(TABLE.replace(",", delimiter).encode(encoding))

    assert read_people(str(file)) == {"jobs/a.json": {"SPEAKER_00": "Ana Nováková"}}
