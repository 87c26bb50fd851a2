"""What stands in the way of a submission, in one sentence each."""

import json
import time

import pytest
from conftest import URL

EXPIRED = ("ExpiredTokenException", "The security token included in the request is expired", 403)
UNKNOWN = ("UnrecognizedClientException", "The security token is invalid.", 403)
FORBIDDEN = ("AccessDeniedException", "User: u is not authorized to perform: batch:SubmitJob", 403)


def sentence(result):
    """The one line on standard error, without a traceback."""
    [line] = result.stderr.splitlines()
    assert line.startswith("debate: ")
    return line


@pytest.mark.parametrize("command", ["submit", "download"])
def test_without_a_stack_aws_is_refused(house, command):
    result = house.debate(command, URL, BACKEND="aws")

    assert result.returncode == 64
    assert sentence(result).startswith("debate: there is no stack: run `make up`")


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (
            ("*", *EXPIRED),
            64,
            "in eu-central-1 have expired: sign in",
        ),
        (("*", *UNKNOWN), 64, "AWS does not know the credentials for the stack"),
        (
            ("SubmitJob", *FORBIDDEN),
            64,
            "access to the stack in eu-central-1 (An error",
        ),
        (
            ("SubmitJob", "TooManyRequestsException", "Too many", 429),
            75,
            "AWS could not serve",
        ),
        (("DescribeJobQueues", "ServerException", "Oh", 500), 75, "AWS could not serve"),
    ],
)
def test_what_aws_refuses_is_explained(cloud, refusal, code, words):
    cloud.batch.server.refusal = refusal
    result = cloud.debate("submit", URL)

    assert result.returncode == code
    assert words in sentence(result)
    assert cloud.batch.requests == []
    taken = [stage for record in cloud.records() for stage in record["stages"] if "batch" in stage]
    assert taken == []


def test_without_credentials_the_user_is_told_to_sign_in(cloud):
    result = cloud.debate(
        "submit", URL, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", HOME="/nowhere"
    )

    assert result.returncode == 64
    assert "there are no usable AWS credentials" in sentence(result)


def test_a_profile_that_does_not_exist_is_named(cloud):
    result = cloud.debate("submit", URL, AWS_PROFILE="nobody")

    assert result.returncode == 64
    assert "nobody" in sentence(result)


def test_a_bucket_that_is_gone_is_said(cloud):
    cloud.write_outputs(bucket="gone-with-the-wind")
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert "in eu-central-1 does not exist (any more): run `make up`" in sentence(result)


def test_a_disabled_queue_is_named(cloud):
    cloud.batch.queues["d-gpu"]["state"] = "DISABLED"
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert "the queue d-gpu is disabled" in sentence(result)
    assert cloud.batch.requests == []


def test_a_queue_without_working_machines_is_named_with_the_reason(cloud):
    cloud.batch.queues["d-gpu"] |= {"status": "INVALID", "statusReason": "no environment"}

    result = cloud.debate("submit", URL)
    assert "the queue d-gpu does not work (no environment)" in sentence(result)


def test_only_the_queues_that_are_needed_are_looked_at(cloud):
    cloud.batch.queues["d-gpu"]["state"] = "DISABLED"

    assert cloud.debate("download", URL).returncode == 0


def test_a_queue_that_is_not_there_speaks_of_the_region(cloud):
    cloud.write_outputs(region="eu-west-1")
    del cloud.batch.queues["d-cpu"]
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert "there is no queue d-cpu in eu-west-1" in sentence(result)


def test_a_missing_job_definition_is_named(cloud):
    del cloud.batch.definitions["d-stats"]
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert "there is no job definition d-stats in eu-central-1" in sentence(result)
    assert cloud.batch.requests == []


def test_a_region_that_is_none_is_refused_before_anything_is_sent(cloud):
    cloud.write_outputs(region="frankfurt")
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert "names the region 'frankfurt', which is none of AWS's" in sentence(result)


def test_a_service_that_does_not_answer_is_a_passing_fault_that_names_the_region(cloud):
    result = cloud.debate("submit", URL, AWS_ENDPOINT_URL_BATCH="http://127.0.0.1:9")

    assert result.returncode == 75
    assert "the stack in eu-central-1 cannot be reached" in sentence(result)


NO_RECORDS = {
    "nonsense": b"nonsense",
    "thousands of brackets": b"[" * 100_000,
    "no time": {"created_at": "yesterday"},
    "a time without a zone": {"created_at": "2026-11-29T04:00:00"},
    "a number for a time": {"created_at": 5},
    "no id": {"job_id": None},
    "a list of options": {"options": ["LANGUAGE"]},
    "options that are no text": {"options": {"LANGUAGE": ["cs"]}},
    "a queue that is no text": {"asked": {"download": {"name": "a-b", "queue": None}}},
    "a step that it has not": {"asked": {"cook": {"name": "a-b", "queue": "d-cpu"}}},
}


@pytest.mark.parametrize("what", NO_RECORDS)
def test_a_record_that_is_none_of_ours_is_named(cloud, what):
    cloud.debate("submit", URL)
    cloud.batch.jobs.clear()
    [key] = [key for key in cloud.objects() if key.startswith("submissions/")]
    document = json.loads(cloud.s3.get_object(Bucket="debates", Key=key)["Body"].read())
    wrong = NO_RECORDS[what]
    body = wrong if isinstance(wrong, bytes) else json.dumps(document | wrong).encode()
    cloud.s3.put_object(Bucket="debates", Key=key, Body=body)

    for result in (cloud.debate("status"), cloud.debate("submit", URL)):
        assert result.returncode == 65, result.stderr
        assert f"s3://debates/{key} is not a job record; delete it" in sentence(result)


# --- which backend, and where the outputs come from ------------------------------------------


def install_pulumi(folder, script):
    program = folder / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{program.parent}:/usr/bin:/bin"


def test_a_file_with_outputs_is_a_stack_and_the_command_says_where_it_submitted(cloud):
    result = cloud.debate("submit", URL)

    assert "on AWS (debates, eu-central-1)" in result.stderr
    assert cloud.house.count_calls() == [0, 0, 0, 0]


def test_local_is_this_machine_whatever_stack_there_is(cloud):
    result = cloud.debate("submit", URL, "--backend", "local")

    assert "on this machine" in result.stderr
    assert cloud.house.count_calls() == [1, 1, 1, 1]
    assert cloud.batch.requests == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "is not the JSON of `pulumi stack output --json`"),
        ("[]", "is not the JSON of `pulumi stack output --json`"),
        ('{"region": "eu-central-1"}', "has no output 'bucket'; run `make up`"),
    ],
)
def test_outputs_that_lack_something_are_explained(cloud, text, words):
    cloud.outputs.write_text(text)
    result = cloud.debate("submit", URL)

    assert result.returncode == 64
    assert words in sentence(result)


def test_a_file_of_outputs_that_is_not_there_is_named(house):
    result = house.debate("status", DEBATE_STACK_OUTPUTS="nowhere.json")

    assert result.returncode == 64
    assert "DEBATE_STACK_OUTPUTS=nowhere.json cannot be read" in sentence(result)


def test_a_container_is_given_the_outputs_themselves(cloud):
    outputs = cloud.outputs.read_text()

    assert cloud.debate("submit", URL, DEBATE_STACK_OUTPUTS=outputs).returncode == 0
    result = cloud.debate("status", DEBATE_STACK_OUTPUTS="{")
    assert "DEBATE_STACK_OUTPUTS is not the JSON of `pulumi stack output" in sentence(result)


def test_a_stack_selected_in_pulumi_is_taken(cloud, tmp_path):
    path = install_pulumi(tmp_path, f"cat {cloud.outputs}")
    result = cloud.debate("submit", URL, DEBATE_STACK_OUTPUTS="", PULUMI_STACK="dev", PATH=path)

    assert "on AWS (debates" in result.stderr


def test_a_selection_in_pulumis_own_notes_is_seen(cloud, tmp_path):
    import hashlib

    path = install_pulumi(tmp_path, f"cat {cloud.outputs}")
    project = str(cloud.house.home / "Pulumi.yaml").encode()
    notes = tmp_path / "pulumi" / "workspaces"
    notes.mkdir(parents=True)
    note = notes / f"debate-analyzer-{hashlib.sha1(project).hexdigest()}-workspace.json"
    more = {"DEBATE_STACK_OUTPUTS": "", "PULUMI_HOME": str(notes.parent), "PATH": path}
    note.write_text("{}")
    assert "on this machine" in cloud.debate("download", URL, **more).stderr

    note.write_text('{"stack": "dev"}')
    assert "on AWS" in cloud.debate("download", URL, **more).stderr


def test_pulumis_own_trouble_is_passed_on(house, tmp_path):
    path = install_pulumi(tmp_path, "echo 'error: passphrase must be set' >&2; exit 255")
    result = house.debate("submit", URL, BACKEND="aws", PATH=path)

    assert result.returncode == 64
    assert "`pulumi stack output` failed: error: passphrase must be set" in sentence(result)


def test_without_a_selected_stack_pulumi_is_not_asked_and_nothing_is_waited_for(house, tmp_path):
    from debate_pipeline.aws.stack import find_stack

    path = install_pulumi(tmp_path, f"touch {tmp_path}/asked; sleep 5")
    env = {"PATH": path, "PULUMI_HOME": str(tmp_path)}
    began = time.monotonic()

    assert find_stack(env, house.home, required=False) is None
    assert time.monotonic() - began < 0.1
    assert not (tmp_path / "asked").exists()
