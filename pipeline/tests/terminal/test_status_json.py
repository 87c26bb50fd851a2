"""`debate status --json` on this machine."""

from conftest import URL, status


def test_without_jobs_it_is_a_document_all_the_same(house):
    report = status(house)
    assert (report["backend"], report["jobs"], report["cost_basis"]) == ("local", [], None)


def test_a_job_under_way_says_which_stage_and_how_far_it_is(house):
    house.order("transcribe", "wait")
    house.start_and_wait("transcribe", "submit", URL)
    [job] = status(house)["jobs"]
    done, running, *_ = job["stages"]

    assert (job["state"], job["stage"], job["finished_at"]) == ("running", "transcribe", None)
    assert (done["state"], done["progress"]) == ("done", None)
    assert running["progress"] == {
        "step": "work",
        "message": "working",
        "done": 1.0,
        "total": 4.0,
        "unit": "s",
        "fraction": 0.25,
    }
    assert job["cost_estimate_usd"] is None


def test_a_new_attempt_has_not_got_as_far_as_the_one_before(house):
    house.order("transcribe", "progress", "stubborn")
    house.debate("submit", URL)
    [job_id] = [job["job_id"] for job in house.jobs()]
    house.start_and_wait("transcribe", "submit", URL, "--speakers", "2")

    [job] = status(house, job_id)["jobs"]
    assert job["stages"][1]["progress"]["fraction"] == 0.25


def test_a_job_that_ended_has_its_times_and_its_sentence(house):
    house.order("transcribe", "fail 65 That is no video.")
    house.debate("submit", URL)
    [job] = status(house, "--newest", "1")["jobs"]

    assert (job["state"], job["message"]) == ("failed", "That is no video.")
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    assert job["stages"][1]["lines"][-1] == "That is no video."


def test_an_unknown_id_is_in_the_document_and_in_the_exit_code(house):
    house.debate("submit", URL)
    report = status(house, "nobody", "-", code=66)

    assert len(report["jobs"]) == 1
    assert [one["job_id"] for one in report["missing"]] == ["nobody"]
