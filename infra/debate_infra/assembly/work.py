"""Where jobs run: machines, queues, and the definitions of the jobs."""

from dataclasses import dataclass, replace
from typing import Any

import pulumi

from debate_infra.assembly.ground import Ground
from debate_infra.components.batch.hosts import Hosts, HostsArgs
from debate_infra.components.batch.jobs import Jobs, JobsArgs
from debate_infra.components.batch.queues import Queue, QueueArgs
from debate_infra.settings import fleets
from debate_infra.settings.account import choose_types
from debate_infra.settings.fleets import FleetSettings
from debate_infra.settings.stack import Settings


@dataclass(frozen=True)
class Work:
    """The queues by kind, and the jobs that are handed in to them."""

    queues: dict[str, Queue]
    jobs: Jobs

    @property
    def queue_arns(self) -> list[pulumi.Output[str]]:
        """All queues, for who watches them."""
        return [queue.arn for queue in self.queues.values()]

    @property
    def last_arns(self) -> list[pulumi.Output[str]]:
        """The definitions, without revisions, of the jobs with which an array's work ends."""
        made = self.jobs.definitions
        return [made[kind].arn_prefix for kind in ("stats", "pipeline", "dataset") if kind in made]

    @property
    def outputs(self) -> dict[str, Any]:
        """What a submission needs to know of them."""
        return {
            "queues": {kind: queue.name for kind, queue in self.queues.items()},
            "sharedQueues": [kind for kind, queue in self.queues.items() if queue.shared],
            "jobDefinitions": self.jobs.names,
            "logGroup": self.jobs.log_group,
        }


def set_up(settings: Settings, ground: Ground) -> Work:
    """Make machines, queues and definitions."""
    gpu = _offered(ground, "gpuInstanceTypes", settings.gpu)
    cpu = _offered(ground, "cpuInstanceTypes", settings.cpu)
    return Work(_queues(settings, ground, gpu, cpu), _jobs(settings, ground, gpu, cpu))


def _offered(ground: Ground, key: str, fleet: FleetSettings) -> FleetSettings:
    return replace(fleet, instance_types=choose_types(ground.account, key, fleet))


def _queues(
    settings: Settings, ground: Ground, gpu: FleetSettings, cpu: FleetSettings
) -> dict[str, Queue]:
    name, partition = settings.name, ground.account.partition
    about = HostsArgs(name, settings.region, ground.storage, ground.tags, partition)
    hosts = Hosts("hosts", about, ground.on_aws)
    return {
        kind: Queue(kind, QueueArgs(f"{name}-{kind}", fleet, hosts, ground.network), ground.on_aws)
        for kind, fleet in fleets.queues(gpu, cpu).items()
    }


def _jobs(settings: Settings, ground: Ground, gpu: FleetSettings, cpu: FleetSettings) -> Jobs:
    args = JobsArgs(
        name=settings.name,
        region=settings.region,
        registry=ground.registry,
        storage=ground.storage,
        credentials=ground.credentials,
        gpu_types=gpu.instance_types,
        gpu_on_spot=gpu.spot,
        cpu_on_fargate=not cpu.instance_types,
        assign_public_ip=ground.network.jobs_public_ip,
        models_prefix=settings.models_prefix,
        log_retention_days=settings.log_retention_days,
        with_dataset=bool(settings.dataset),
    )
    return Jobs("jobs", args, ground.on_aws)
