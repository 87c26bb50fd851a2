"""Who waits for whom: shares of a queue, and what waits for nobody."""

import pytest
from conftest import URL


def queues(cloud):
    return [request["jobQueue"] for request in cloud.batch.requests]


def shares(cloud):
    return [request.get("shareIdentifier") for request in cloud.batch.requests]


def write_list(tmp_path, name, count):
    path = tmp_path / f"{name}.txt"
    path.write_text("".join(f"https://example.org/{name}-{n}.mp4\n" for n in range(count)))
    return str(path)


def test_a_debate_by_itself_has_the_share_of_all_such_and_figures_a_queue_of_their_own(cloud):
    assert cloud.debate("submit", URL).returncode == 0

    assert queues(cloud) == ["d-cpu", "d-gpu", "d-small"]
    assert shares(cloud) == ["single", "single", None]


def test_every_list_is_a_share_of_its_own_in_all_its_stages(cloud, tmp_path):
    for name in ("monday", "tuesday"):
        assert cloud.debate("submit-many", write_list(tmp_path, name, 3)).returncode == 0

    monday, tuesday = shares(cloud)[:2], shares(cloud)[3:5]
    assert len({*monday}) == len({*tuesday}) == 1
    assert monday != tuesday
    assert all(share.startswith("list") for share in monday + tuesday)


def test_what_is_urgent_goes_to_machines_that_no_list_can_fill(cloud, tmp_path):
    cloud.debate("submit-many", write_list(tmp_path, "list", 3))
    cloud.batch.requests.clear()
    result = cloud.debate("submit", URL, "--mode", "urgent")

    assert result.returncode == 0, result.stderr
    assert queues(cloud) == ["d-urgent-cpu", "d-urgent-gpu", "d-urgent-cpu"]
    assert shares(cloud) == [None] * 3
    cloud.batch.work()
    assert cloud.debate("submit", URL).stderr.count("all of it is done already") == 1


def test_a_whole_list_may_be_urgent(cloud, tmp_path):
    cloud.debate("submit-many", write_list(tmp_path, "list", 2), "--mode", "urgent")

    assert queues(cloud) == ["d-urgent-cpu", "d-urgent-gpu", "d-urgent-cpu"]


@pytest.mark.parametrize("arguments", [["submit", URL], ["submit-many", "list"]])
def test_a_stack_from_before_says_what_it_lacks_and_works_otherwise(cloud, tmp_path, arguments):
    cloud.write_outputs(queues={"cpu": "d-cpu", "gpu": "d-gpu"}, sharedQueues=[])
    cloud.batch.shared = set()
    if arguments[0] == "submit-many":
        arguments = ["submit-many", write_list(tmp_path, "list", 2)]
    urgent = cloud.debate(*arguments, "--mode", "urgent")

    assert urgent.returncode == 64
    assert "the stack has no queue urgent-cpu yet: run `make up`" in urgent.stderr
    assert cloud.batch.requests == []
    assert cloud.debate(*arguments).returncode == 0
    assert queues(cloud) == ["d-cpu", "d-gpu", "d-cpu"]
