"""What machines offer and what stages need: arithmetic without any cloud resource.

Memory is in MiB. The figures are AWS's published sizes of the families that Batch's Amazon Linux
2023 images support; only x86-64 ones, since that is what the images are built for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from debate_infra.settings.errors import SettingError

GIB = 1024


@dataclass(frozen=True)
class Size:
    """A machine's offer or a container's need."""

    vcpus: int
    memory: int
    gpus: int = 0

    def __add__(self, other: "Size") -> "Size":
        """Both together."""
        return Size(self.vcpus + other.vcpus, self.memory + other.memory, self.gpus + other.gpus)

    def __sub__(self, other: "Size") -> "Size":
        """What the other leaves; a negative figure means it does not fit."""
        return Size(self.vcpus - other.vcpus, self.memory - other.memory, self.gpus - other.gpus)

    def holds(self, need: "Size") -> bool:
        """Whether the need fits in."""
        left = self - need
        return min(left.vcpus, left.memory, left.gpus) >= 0

    def __str__(self) -> str:
        gpus = f", {self.gpus} GPU" if self.gpus else ""
        return f"{self.vcpus} vCPU, {self.memory} MiB{gpus}"


def _family(
    name: str, gib_per_vcpu: int, vcpus: dict[str, int], gpus: dict[str, int]
) -> dict[str, Size]:
    return {
        f"{name}.{size}": Size(count, count * gib_per_vcpu * GIB, gpus.get(size, 0))
        for size, count in vcpus.items()
    }


_CPU_SIZES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16}
_GPU_SIZES = {
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "12xlarge": 48,
    "16xlarge": 64,
}
_LARGE_GPU_SIZES = _GPU_SIZES | {"24xlarge": 96, "48xlarge": 192}
_GPUS = dict.fromkeys(_LARGE_GPU_SIZES, 1) | {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}

GPU_TYPES = (
    _family("g4dn", 4, _GPU_SIZES, _GPUS)  # NVIDIA T4, 16 GB
    | _family("g5", 4, _LARGE_GPU_SIZES, _GPUS)  # A10G, 24 GB
    | _family("g6", 4, _LARGE_GPU_SIZES, _GPUS)  # L4, 24 GB
    | _family("g6e", 8, _LARGE_GPU_SIZES, _GPUS)  # L40S, 48 GB
)
CPU_TYPES = {
    name: size
    for family, ratio in [("c", 2), ("m", 4), ("r", 8)]
    for generation in ("5", "5a", "6i", "6a", "7i", "7a")
    for name, size in _family(f"{family}{generation}", ratio, _CPU_SIZES, {}).items()
}

# Of an instance's nominal memory the kernel and the ECS agent keep a part that differs by type and
# image; nine tenths stay free on every type listed here.
_USABLE_TENTHS = 9

DOWNLOAD = Size(vcpus=1, memory=2 * GIB)
STATS = Size(vcpus=1, memory=2 * GIB)
# Whisper's large models and pyannote side by side in half precision.
TRANSCRIBE_LEAST = Size(vcpus=2, memory=8 * GIB, gpus=1)


def share_per_gpu(instance_type: str) -> Size:
    """What one GPU's part of an instance can hold (the whole instance where it has none)."""
    nominal = (GPU_TYPES | CPU_TYPES)[instance_type]
    parts = max(nominal.gpus, 1)
    return Size(
        vcpus=nominal.vcpus // parts,
        memory=nominal.memory * _USABLE_TENTHS // 10 // parts,
        gpus=min(nominal.gpus, 1),
    )


def smallest_share(instance_types: Iterable[str]) -> Size:
    """What is there whichever of the types Batch picks."""
    shares = [share_per_gpu(name) for name in instance_types]
    return Size(
        vcpus=min(share.vcpus for share in shares),
        memory=min(share.memory for share in shares),
        gpus=min(share.gpus for share in shares),
    )


def size_for_transcribe(instance_types: Sequence[str], beside: Sequence[Size] = ()) -> Size:
    """All that the smallest type leaves to the transcriber once the others have theirs.

    Raises:
        SettingError: that is less than the models need.

    """
    room = smallest_share(instance_types)
    left = room
    for need in beside:
        left -= need
    if not left.holds(TRANSCRIBE_LEAST):
        needed = sum(beside, TRANSCRIBE_LEAST)
        raise SettingError(
            "gpuInstanceTypes",
            f"the stages need {needed} on one instance, but the smallest of "
            f"{', '.join(instance_types)} offers {room}; leave out the small types",
        )
    return left


def check_cpu_types(
    instance_types: Sequence[str], needs: Sequence[Size] = (DOWNLOAD, STATS)
) -> None:
    """Refuse CPU types on which one of the stages would never start.

    Raises:
        SettingError: the smallest type is too small for a stage.

    """
    room = smallest_share(instance_types)
    for need in needs:
        if not room.holds(need):
            raise SettingError(
                "cpuInstanceTypes",
                f"a stage needs {need}, but the smallest of {', '.join(instance_types)} "
                f"offers {room}; leave out the small types",
            )
