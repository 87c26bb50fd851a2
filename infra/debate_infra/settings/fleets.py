"""The machines of each queue: how many, of which types, and who waits for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from debate_infra.settings.configuration import Configuration
from debate_infra.settings.errors import SettingError
from debate_infra.settings.instances import (
    CPU_TYPES,
    DOWNLOAD,
    GPU_TYPES,
    STATS,
    Size,
    check_cpu_types,
    size_for_transcribe,
)

DEFAULT_GPU_TYPES = ("g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6e.xlarge")
# A handful of jobs at a time: more machines than that would not be urgent but many.
_URGENT_GPU_VCPUS, _FEW_CPU_VCPUS = 32, 16


@dataclass(frozen=True)
class FleetSettings:
    """The machines of a queue; without instance types it is Fargate.

    On Spot, machines on demand may stand `behind`: they start where Spot has none. Types that
    nobody named are taken `where_offered`. A `shared` queue gives every list its part.
    """

    instance_types: tuple[str, ...]
    min_vcpus: int
    max_vcpus: int
    spot: bool = False
    on_demand_behind: bool = False
    where_offered: bool = False
    shared: bool = False


def queues(gpu: FleetSettings, cpu: FleetSettings) -> dict[str, FleetSettings]:
    """Return the machines of every queue, by its kind.

    `small` is for what takes a minute, and is not shared: the event that starts the dataset's job
    can name no share. The urgent ones have machines of their own, which no list can fill.
    """
    few = replace(cpu, min_vcpus=0, max_vcpus=min(_FEW_CPU_VCPUS, cpu.max_vcpus))
    at_once = replace(
        gpu,
        min_vcpus=0,
        max_vcpus=max(_smallest(gpu), min(_URGENT_GPU_VCPUS, gpu.max_vcpus)),
        spot=False,
        on_demand_behind=False,
    )
    return {
        "cpu": replace(cpu, shared=True),
        "gpu": replace(gpu, shared=True),
        "small": few,
        "urgent-cpu": few,
        "urgent-gpu": at_once,
    }


def _smallest(fleet: FleetSettings) -> int:
    return min(GPU_TYPES[kind].vcpus for kind in fleet.instance_types)


def read_gpu(config: Configuration) -> FleetSettings:
    """Return the machines that transcribe."""
    types = config.texts("gpuInstanceTypes", DEFAULT_GPU_TYPES)
    if not types:
        raise SettingError("gpuInstanceTypes", "name at least one type")
    most = config.whole("gpuMaxVcpus", 256, 1, 10_000)
    least = config.whole("gpuMinVcpus", 0, 0, most)
    _check_types("gpuInstanceTypes", types, GPU_TYPES, most)
    size_for_transcribe(types, beside=(DOWNLOAD, STATS))  # refuses types too small for one job
    spot, only = config.flag("useSpot", True), config.flag("spotOnly", False)
    return FleetSettings(
        types,
        least,
        most,
        spot=spot,
        on_demand_behind=spot and not only,
        where_offered=config.text("gpuInstanceTypes") is None,
    )


def read_cpu(config: Configuration) -> FleetSettings:
    """Return the machines that download and count."""
    types = config.texts("cpuInstanceTypes")
    most = config.whole("cpuMaxVcpus", 64, 1, 10_000)
    least = config.whole("cpuMinVcpus", 0, 0, most)
    if types:
        _check_types("cpuInstanceTypes", types, CPU_TYPES, most)
        check_cpu_types(types)
    elif least:
        raise SettingError("cpuMinVcpus", "Fargate always starts from 0; give cpuInstanceTypes")
    return FleetSettings(types, least, most)


def _check_types(key: str, types: tuple[str, ...], known: Mapping[str, Size], most: int) -> None:
    for name in types:
        if name not in known:
            raise SettingError(key, f"'{name}' is not supported; known are {', '.join(known)}")
        if known[name].vcpus > most:
            raise SettingError(key, f"{name} has more vCPUs than the {most} allowed in all")
