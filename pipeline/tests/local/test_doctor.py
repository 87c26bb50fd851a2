"""`debate doctor` on this machine."""

from debate_pipeline.local import doctor


def test_a_machine_that_has_all_is_well(house):
    result = house.debate("doctor")

    assert result.returncode == 0, result.stdout
    assert "GB free for" in result.stdout


def test_a_stage_that_is_not_installed_is_found(house):
    (house.home / "services/stats/.venv/bin/debate-stats").unlink()
    result = house.debate("doctor")

    assert result.returncode == 64
    assert "debate-stats is not installed; run `make setup`" in result.stdout


def test_a_disk_that_holds_no_long_recording_is_found(house, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_ROOM", 10**18)

    assert "make room, or choose another --root" in house.debate("doctor").stdout
