"""What Batch is told about each stage, as plain data.

The dictionaries have the shapes of `RegisterJobDefinition`: `containerProperties` for a stage on
its own, `ecsProperties` for the single job. Paths and variable names are those of `contracts/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from debate_infra.documents.host_boot import WEIGHTS
from debate_infra.settings.instances import Size

HOUR = 3600
# Seconds an attempt may take. A debate of ten hours is transcribed within them even on a T4.
TIMEOUTS = {
    "download": 4 * HOUR,
    "transcribe": 12 * HOUR,
    "stats": 1 * HOUR,
    "dataset": 6 * HOUR,
    "pipeline": 17 * HOUR,
}

# Room for a recording of a whole day; Fargate's own 20 GiB would not hold it.
DOWNLOAD_DISK_GIB = 100
_SCRATCH = "/scratch"
# The machine's own folder: a job that decodes strangers' media may read it only.
_WEIGHTS_VOLUME = {"name": "weights", "host": {"sourcePath": WEIGHTS}}
_WEIGHTS_MOUNT = {"sourceVolume": "weights", "containerPath": WEIGHTS, "readOnly": True}
# What follows the image's entry point, where a stage is not the image's first purpose.
COMMANDS = {"dataset": ("corpus",)}
# Placeholder that the stages replace by the job's own id, as in the folder `download` writes to.
_THIS_JOB = "{job}"

Json = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """One container: what it runs, what it needs, what it is told."""

    name: str
    image: str
    size: Size
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads_weights(self) -> bool:
        """Whether it wants the weights that its machine has fetched."""
        return self.environment.get("MODELS_PREFIX") == WEIGHTS

    @property
    def command(self) -> tuple[str, ...]:
        """What follows the image's entry point."""
        return COMMANDS.get(self.name, ())


@dataclass(frozen=True)
class Host:
    """What the containers of a job share, whatever they run."""

    job_role: str
    execution_role: str
    log_group: str


@dataclass(frozen=True)
class Fargate:
    """Extra facts for a job without a machine of ours."""

    assign_public_ip: bool
    disk_gib: int | None = None


def stage_environment(
    stage: str, region: str, bucket: str, models_prefix: str | None, cookies: Mapping[str, str]
) -> dict[str, str]:
    """Variables that hold for every job of a stage; the submitter adds the job's own."""
    # Batch does not tell a container where it runs, and boto3 reads this name only.
    everywhere = {"AWS_DEFAULT_REGION": region, "LOG_FORMAT": "json"}
    own = {
        "download": {"OUTPUT_S3_PREFIX": f"s3://{bucket}/jobs", **cookies},
        "transcribe": {
            "MODELS_PREFIX": models_prefix or WEIGHTS,
            "DEVICE": "cuda",
        },
        "stats": {},
        "dataset": {"STORAGE_ROOT": f"s3://{bucket}"},
    }
    return everywhere | own[stage]


def in_pipeline(stage: Stage, bucket: str) -> Stage:
    """The stage as part of the single job: it finds the work of the one before by itself."""
    job = f"s3://{bucket}/jobs/{_THIS_JOB}"
    place = {
        "download": {},
        "transcribe": {"VIDEO_S3_PREFIX": f"{job}/videos", "OUTPUT_S3_PREFIX": job},
        "stats": {"TRANSCRIPTS_S3_PREFIX": f"{job}/transcripts"},
    }[stage.name]
    return replace(stage, environment={**stage.environment, "TMPDIR": _SCRATCH, **place})


def single(stage: Stage, host: Host, fargate: Fargate | None = None) -> Json:
    """`containerProperties` of one stage, for Fargate or for EC2."""
    properties = _container(stage, host.log_group) | {
        "jobRoleArn": host.job_role,
        "executionRoleArn": host.execution_role,
    }
    if stage.reads_weights:
        properties |= {"mountPoints": [_WEIGHTS_MOUNT], "volumes": [_WEIGHTS_VOLUME]}
    return properties | (_fargate(fargate) if fargate else {})


def pipeline(stages: list[Stage], host: Host) -> Json:
    """`ecsProperties` of the stages one after the other on one instance.

    Each waits for the success of the one before. Only the last is essential: ECS accepts the
    condition SUCCESS on no essential container, and the job's result is the last one's.
    """
    containers = [_container(stage, host.log_group) | {"name": stage.name} for stage in stages]
    for container in containers:
        container["essential"] = container is containers[-1]
        container["mountPoints"] = [
            {"sourceVolume": "scratch", "containerPath": _SCRATCH, "readOnly": False}
        ]
    for stage, container in zip(stages, containers, strict=True):
        container["mountPoints"] += [_WEIGHTS_MOUNT] if stage.reads_weights else []
    for before, after in pairwise(containers):
        after["dependsOn"] = [{"containerName": before["name"], "condition": "SUCCESS"}]
    task = {
        "containers": containers,
        "taskRoleArn": host.job_role,
        "executionRoleArn": host.execution_role,
        # No host path: the volume belongs to this job and goes with it.
        "volumes": [
            {"name": "scratch"},
            *[_WEIGHTS_VOLUME for stage in stages if stage.reads_weights],
        ],
    }
    return {"taskProperties": [task]}


def _container(stage: Stage, log_group: str) -> Json:
    container: Json = {
        "image": stage.image,
        "resourceRequirements": _requirements(stage.size),
        "environment": [{"name": k, "value": v} for k, v in sorted(stage.environment.items())],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": log_group, "awslogs-stream-prefix": "batch"},
        },
    }
    if stage.command:
        container["command"] = list(stage.command)
    if stage.secrets:
        container["secrets"] = [
            {"name": k, "valueFrom": v} for k, v in sorted(stage.secrets.items())
        ]
    return container


def _requirements(size: Size) -> list[dict[str, str]]:
    needs = {"VCPU": size.vcpus, "MEMORY": size.memory, "GPU": size.gpus}
    return [{"type": kind, "value": str(amount)} for kind, amount in needs.items() if amount]


def _fargate(fargate: Fargate) -> Json:
    properties: Json = {
        "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
        "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
        "networkConfiguration": {
            "assignPublicIp": "ENABLED" if fargate.assign_public_ip else "DISABLED"
        },
    }
    if fargate.disk_gib:
        properties["ephemeralStorage"] = {"sizeInGiB": fargate.disk_gib}
    return properties
