"""Job queues, each with the machines behind it; idle, they cost nothing."""

from dataclasses import dataclass, replace

import pulumi
from pulumi_aws import batch

from debate_infra.components.batch.hosts import Hosts
from debate_infra.components.foundation.network import Network
from debate_infra.settings.stack import FleetSettings

HOUR = 3600
# Why Batch may leave a job waiting for ever, and for how long (s) we believe it will still start.
# The reasons are those that "Jobs stuck in RUNNABLE" in the Batch user guide lists.
STUCK = {
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY": 6 * HOUR,
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": HOUR // 6,
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": HOUR // 6,
}


# "Perform infrastructure updates" in the Batch user guide: a changed template or list of types
# replaces machines, and AWS's own patience with the jobs on them is 30 minutes.
_LET_JOBS_END = batch.ComputeEnvironmentUpdatePolicyArgs(
    terminate_jobs_on_update=False, job_execution_timeout_minutes=18 * 60
)


@dataclass(frozen=True)
class QueueArgs:
    """What a queue depends on; `hosts` are needed when the fleet names instance types."""

    name: str
    fleet: FleetSettings
    hosts: Hosts | None
    network: Network
    image_type: str = "ECS_AL2023"


class Queue(pulumi.ComponentResource):
    """A job queue in front of machines on EC2, the cheap ones first, or of Fargate."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        if args.hosts is None:
            resources = {args.name: _fargate(args)}
        else:
            resources = {args.name: _ec2(args, args.hosts)}
        if args.hosts and args.fleet.on_demand_behind:
            # Where Spot has no machine the scheduler goes on to the next environment.
            behind = replace(args.fleet, min_vcpus=0, spot=False)
            resources[f"{args.name}-on-demand"] = _ec2(replace(args, fleet=behind), args.hosts)
        environments = [
            _environment(name, machines, args.hosts is not None, child)
            for name, machines in resources.items()
        ]
        queue = batch.JobQueue(
            args.name,
            name=args.name,
            state="ENABLED",
            priority=1,
            compute_environment_orders=[
                batch.JobQueueComputeEnvironmentOrderArgs(order=order, compute_environment=made.arn)
                for order, made in enumerate(environments, start=1)
            ],
            job_state_time_limit_actions=_cancel_stuck(),
            opts=child,
        )
        self.name, self.arn = queue.name, queue.arn
        self.register_outputs({"name": self.name})


def _environment(
    name: str,
    machines: batch.ComputeEnvironmentComputeResourcesArgs,
    on_ec2: bool,
    child: pulumi.ResourceOptions,
) -> batch.ComputeEnvironment:
    """Make machines for a queue.

    No fixed name: Pulumi makes a changed environment beside the old one and the queue moves over.
    No service role either: the service-linked one allows updates in place.
    """
    return batch.ComputeEnvironment(
        name,
        type="MANAGED",
        state="ENABLED",
        compute_resources=machines,
        update_policy=_LET_JOBS_END if on_ec2 else None,
        opts=child,
    )


def _cancel_stuck() -> list[batch.JobQueueJobStateTimeLimitActionArgs]:
    return [
        batch.JobQueueJobStateTimeLimitActionArgs(
            state="RUNNABLE", action="CANCEL", reason=reason, max_time_seconds=seconds
        )
        for reason, seconds in STUCK.items()
    ]


def _fargate(args: QueueArgs) -> batch.ComputeEnvironmentComputeResourcesArgs:
    return batch.ComputeEnvironmentComputeResourcesArgs(
        type="FARGATE",
        max_vcpus=args.fleet.max_vcpus,
        subnets=list(args.network.public_subnet_ids),
        security_group_ids=[args.network.job_security_group_id],
    )


def _ec2(args: QueueArgs, hosts: Hosts) -> batch.ComputeEnvironmentComputeResourcesArgs:
    spot = args.fleet.spot
    return batch.ComputeEnvironmentComputeResourcesArgs(
        type="SPOT" if spot else "EC2",
        allocation_strategy="SPOT_PRICE_CAPACITY_OPTIMIZED" if spot else "BEST_FIT_PROGRESSIVE",
        min_vcpus=args.fleet.min_vcpus,
        max_vcpus=args.fleet.max_vcpus,
        instance_types=list(args.fleet.instance_types),
        instance_role=hosts.profile_arn,
        launch_template=batch.ComputeEnvironmentComputeResourcesLaunchTemplateArgs(
            launch_template_id=hosts.launch_template_id, version=hosts.launch_template_version
        ),
        ec2_configurations=[
            batch.ComputeEnvironmentComputeResourcesEc2ConfigurationArgs(image_type=args.image_type)
        ],
        subnets=list(args.network.public_subnet_ids),
        security_group_ids=[args.network.job_security_group_id],
    )
