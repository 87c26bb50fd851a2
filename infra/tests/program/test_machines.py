"""Queues and the machines behind them."""

from collections.abc import Callable

import pytest
from conftest import Program, Region
from debate_infra.settings.errors import SettingError
from debate_infra.settings.instances import Size
from forms import FORMS

Run = Callable[..., Program]


def test_the_gpu_queue_runs_on_spot_by_default(run_program: Run) -> None:
    gpu = run_program().machines_of("gpu")

    assert (gpu["type"], gpu["allocationStrategy"]) == ("SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED")
    assert not gpu.keys() & {"bidPercentage", "spotIamFleetRole"}


def test_machines_on_demand_stand_behind_those_of_spot(run_program: Run) -> None:
    program = run_program({"gpuMinVcpus": 4})
    spot, behind = program.machines_of("gpu"), program.machines_of("gpu-on-demand")

    assert (behind["type"], behind["allocationStrategy"]) == ("EC2", "BEST_FIT_PROGRESSIVE")
    assert (spot["minVcpus"], behind["minVcpus"]) == (4, 0)
    assert behind["instanceTypes"] == spot["instanceTypes"]
    orders = program.one("batch.JobQueue", "debate-analyzer-gpu").inputs["computeEnvironmentOrders"]
    assert [(one["order"], one["computeEnvironment"].split(":")[-1]) for one in orders] == [
        (1, "debate-analyzer-gpu"),
        (2, "debate-analyzer-gpu-on-demand"),
    ]


def test_lists_share_the_large_queues_and_what_comes_alone_gets_the_larger_part(
    run_program: Run,
) -> None:
    """F10: as AWS has it, a policy cannot be added to a queue that was made without one."""
    program = run_program()

    arns = {q.name: q.inputs.get("schedulingPolicyArn") for q in program.all("batch.JobQueue")}
    assert {name.removeprefix("debate-analyzer-"): bool(arn) for name, arn in arns.items()} == {
        "cpu": True,
        "gpu": True,
        "small": False,
        "urgent-cpu": False,
        "urgent-gpu": False,
    }
    rule = program.one("batch.SchedulingPolicy", "gpu").inputs["fairSharePolicy"]
    weights = {one["shareIdentifier"]: one["weightFactor"] for one in rule["shareDistributions"]}
    assert weights["single"] < weights["list*"]
    assert 0 < rule["computeReservation"] < 100
    for queue in program.all("batch.JobQueue"):
        assert queue.options["replace_on_changes"] == ["schedulingPolicyArn"]
        assert queue.options["delete_before_replace"] is True  # its name is taken until then


def test_machines_are_on_the_bill_of_the_stack_that_starts_them(run_program: Run) -> None:
    """F15: by the names that the budget and the README's Billing tags have."""
    template = run_program().one("ec2.LaunchTemplate").inputs

    tags = {"Project": "debate-analyzer", "Stack": "test", "ManagedBy": "pulumi"}
    for made in template["tagSpecifications"]:
        assert tags.items() <= made["tags"].items()


@pytest.mark.parametrize("form", ["default", "CPU on EC2", "spot off"])
def test_what_is_urgent_has_machines_on_demand_that_no_list_can_fill(
    run_program: Run, form: str
) -> None:
    """F7."""
    program = run_program(FORMS[form])
    urgent = program.machines_of("urgent-gpu")

    assert (urgent["type"], urgent["minVcpus"]) == ("EC2", 0)
    environments = [
        order["computeEnvironment"]
        for queue in program.all("batch.JobQueue")
        for order in queue.inputs["computeEnvironmentOrders"]
    ]
    assert len(environments) == len(set(environments))


def test_a_machine_too_large_for_a_few_urgent_jobs_can_still_start(run_program: Run) -> None:
    program = run_program({"gpuInstanceTypes": ["g5.48xlarge"]})

    assert program.machines_of("urgent-gpu")["maxVcpus"] == 192


def test_every_zone_and_every_type_of_the_region_is_used(run_program: Run) -> None:
    """F7."""
    zones = tuple(f"us-east-1{letter}" for letter in "abcdef")
    program = run_program({"aws:region": "us-east-1"}, Region(zones))

    subnets = program.all("ec2.Subnet")
    assert [subnet.inputs["availabilityZone"] for subnet in subnets] == [*zones]
    assert len({subnet.inputs["cidrBlock"] for subnet in subnets}) == 6
    kinds = ["g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6e.xlarge"]
    assert program.machines_of("gpu")["instanceTypes"] == kinds


def test_types_that_the_region_lacks_are_left_out_unless_somebody_named_them(
    run_program: Run,
) -> None:
    lacking = Region(lacks=("g6.xlarge", "g6e.xlarge"))

    assert run_program({}, lacking).machines_of("gpu")["instanceTypes"] == [
        "g4dn.xlarge",
        "g5.xlarge",
    ]
    with pytest.raises(SettingError, match="does not offer g6e"):
        run_program({"gpuInstanceTypes": ["g5.xlarge", "g6e.xlarge"]}, lacking)


@pytest.mark.parametrize("config", [{"spotOnly": True}, {"useSpot": False}])
def test_there_is_one_kind_of_machines_where_one_is_wanted(
    run_program: Run, config: dict[str, bool]
) -> None:
    program = run_program(config)

    (order,) = program.one("batch.JobQueue", "debate-analyzer-gpu").inputs[
        "computeEnvironmentOrders"
    ]
    assert order["order"] == 1


def test_spot_off_is_on_demand(run_program: Run) -> None:
    gpu = run_program(FORMS["spot off"]).machines_of("gpu")

    assert (gpu["type"], gpu["allocationStrategy"]) == ("EC2", "BEST_FIT_PROGRESSIVE")


def test_both_queues_start_from_nothing_and_have_a_limit(run_program: Run) -> None:
    program = run_program(FORMS["CPU on EC2"])

    gpu, cpu = program.machines_of("gpu"), program.machines_of("cpu")

    assert (gpu["minVcpus"], gpu["maxVcpus"]) == (0, 256)
    assert (cpu["minVcpus"], cpu["maxVcpus"]) == (0, 64)


def test_cpu_jobs_run_on_fargate_unless_types_are_named(run_program: Run) -> None:
    program = run_program()

    cpu = program.machines_of("cpu")

    assert cpu["type"] == "FARGATE"
    assert cpu.keys() == {"type", "maxVcpus", "subnets", "securityGroupIds"}
    platforms = {
        d.name: d.inputs["platformCapabilities"] for d in program.all("batch.JobDefinition")
    }
    assert platforms == {
        "download": ["FARGATE"],
        "stats": ["FARGATE"],
        "transcribe": ["EC2"],
        "pipeline": ["EC2"],
    }


def test_cpu_jobs_run_on_the_types_that_are_named(run_program: Run) -> None:
    program = run_program(FORMS["CPU on EC2"])

    cpu = program.machines_of("cpu")

    assert (cpu["type"], cpu["instanceTypes"]) == ("EC2", ["c5.xlarge", "m5.large"])
    assert cpu["ec2Configurations"] == [{"imageType": "ECS_AL2023"}]
    for definition in program.all("batch.JobDefinition"):
        assert definition.inputs["platformCapabilities"] == ["EC2"]


def test_types_too_small_for_the_single_job_stop_the_program(
    run_program: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate_infra.settings.instances.TRANSCRIBE_LEAST", Size(2, 16 * 1024, 1))

    with pytest.raises(SettingError, match="gpuInstanceTypes: the stages need"):
        run_program({"gpuInstanceTypes": ["g6.xlarge"]})
