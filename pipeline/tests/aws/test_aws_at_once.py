"""Several commands that hand in the same at once."""

from unittest import mock

import pytest
from botocore.client import BaseClient
from conftest import URL
from debate_pipeline.aws.records import asked
from killing import STAGES, killed_at, live, write_list


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Nobody waits for another, and the fake's lists are never behind."""
    monkeypatch.setattr(asked, "GRACE", 0.0)


def test_who_comes_while_another_hands_in_waits_and_joins(cloud, monkeypatch):
    monkeypatch.setattr(asked, "GRACE", 30.0)
    command = cloud.house.start("submit", URL, **cloud.environment())
    cloud.batch.when_taken = lambda: others.append(joined()) if not others else None
    others = []

    def joined():
        return cloud.house.start("submit", URL, **cloud.environment())

    assert command.wait(60) == 0, command.communicate()
    [other] = others
    said = other.communicate(timeout=60)[1]
    assert other.returncode == 0, said
    assert "it is under way already" in said
    assert live(cloud) == STAGES
    assert len(cloud.batch.requests) == 3


def test_who_was_taken_for_stopped_takes_back_what_another_has_handed_in(cloud):
    """The first is held up for longer than anybody waits."""
    others = []

    def meanwhile():
        if not others:
            others.append("one")
            others.append(cloud.debate("submit", URL))

    cloud.batch.when_taken = meanwhile
    cloud.debate("submit", URL)

    assert others[1].returncode == 0, others[1].stderr
    assert sorted(live(cloud)) == sorted(STAGES)


def test_who_comes_while_another_is_being_killed_goes_on_for_it(cloud):
    """The other has noted what it is going to ask for between one's own look and note."""
    ask, others = BaseClient._make_api_call, []

    def meanwhile(client, operation, arguments):
        if operation == "PutObject" and not others:
            others.append("one")
            with killed_at(1, of="PutObject", answered=True):
                cloud.debate("submit", URL)
        return ask(client, operation, arguments)

    with mock.patch.object(BaseClient, "_make_api_call", meanwhile):
        result = cloud.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    assert live(cloud) == STAGES


def test_who_goes_on_with_a_list_that_another_goes_on_with_is_told(cloud, tmp_path):
    path = write_list(tmp_path, 3)
    with killed_at(2, of="SubmitJob", answered=False):
        cloud.debate("submit-many", path)
    ask, others = BaseClient._make_api_call, []

    def meanwhile(client, operation, arguments):
        if operation == "PutObject" and "lists/" in arguments["Key"] and not others:
            others.append("one")
            others.append(cloud.debate("submit-many", path))
        return ask(client, operation, arguments)

    with mock.patch.object(BaseClient, "_make_api_call", meanwhile):
        result = cloud.debate("submit-many", path)

    assert others[1].returncode == 0, others[1].stderr
    assert result.returncode == 75, result.stderr
    assert "another command is handing in the same list; try again" in result.stderr
    assert live(cloud) == STAGES
