"""Sizes: what fits where is computed, and refused in a sentence."""

import pytest
from debate_infra.settings.errors import SettingError
from debate_infra.settings.instances import (
    CPU_TYPES,
    DOWNLOAD,
    GPU_TYPES,
    STATS,
    TRANSCRIBE_LEAST,
    Size,
    check_cpu_types,
    share_per_gpu,
    size_for_transcribe,
    smallest_share,
)

# "Task CPU and memory" in the ECS developer guide: MiB of memory sold with so many vCPUs.
FARGATE_MEMORY = {1: range(2048, 8192 + 1, 1024), 2: range(4096, 16384 + 1, 1024)}


@pytest.mark.parametrize("need", [DOWNLOAD, STATS])
def test_the_cpu_stages_ask_for_sizes_that_fargate_sells(need: Size) -> None:
    assert need.memory in FARGATE_MEMORY[need.vcpus]


def test_a_g4dn_xlarge_keeps_a_tenth_of_its_memory_for_itself() -> None:
    assert share_per_gpu("g4dn.xlarge") == Size(vcpus=4, memory=14745, gpus=1)


def test_an_instance_with_four_gpus_is_shared_by_four_jobs() -> None:
    assert share_per_gpu("g5.12xlarge") == Size(vcpus=12, memory=44236, gpus=1)


def test_the_smallest_of_several_types_decides_each_dimension_by_itself() -> None:
    assert smallest_share(["g6e.xlarge", "g4dn.2xlarge"]) == Size(4, 29491, 1)


def test_the_transcriber_alone_gets_the_whole_smallest_instance() -> None:
    assert size_for_transcribe(["g5.2xlarge", "g4dn.xlarge"]) == share_per_gpu("g4dn.xlarge")


@pytest.mark.parametrize("instance_type", GPU_TYPES)
def test_the_single_job_fits_every_known_gpu_type(instance_type: str) -> None:
    transcribe = size_for_transcribe([instance_type], beside=(DOWNLOAD, STATS))

    together = DOWNLOAD + transcribe + STATS

    assert share_per_gpu(instance_type).holds(together)
    assert transcribe.holds(TRANSCRIBE_LEAST)


def test_a_single_job_too_big_for_the_smallest_type_is_refused_with_both_figures() -> None:
    greedy = Size(vcpus=3, memory=1024)

    with pytest.raises(SettingError) as refusal:
        size_for_transcribe(["g5.2xlarge", "g4dn.xlarge"], beside=(greedy,))

    assert str(refusal.value) == (
        "gpuInstanceTypes: the stages need 5 vCPU, 9216 MiB, 1 GPU on one instance, but the "
        "smallest of g5.2xlarge, g4dn.xlarge offers 4 vCPU, 14745 MiB, 1 GPU; "
        "leave out the small types"
    )


@pytest.mark.parametrize("instance_type", CPU_TYPES)
def test_every_known_cpu_type_runs_every_cpu_stage(instance_type: str) -> None:
    check_cpu_types([instance_type])


def test_cpu_types_too_small_for_a_stage_are_refused() -> None:
    with pytest.raises(SettingError, match=r"cpuInstanceTypes: a stage needs 1 vCPU, 8192 MiB"):
        check_cpu_types(["m5.xlarge", "c5.large"], needs=[Size(1, 8192)])


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("c5.large", Size(2, 4096)),
        ("m6i.2xlarge", Size(8, 32768)),
        ("r7a.xlarge", Size(4, 32768)),
        ("g4dn.16xlarge", Size(64, 262144, 1)),
        ("g5.48xlarge", Size(192, 786432, 8)),
        ("g6e.24xlarge", Size(96, 786432, 4)),
    ],
)
def test_the_table_gives_the_published_sizes(name: str, size: Size) -> None:
    assert (GPU_TYPES | CPU_TYPES)[name] == size
