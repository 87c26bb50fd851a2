"""Job queues, each with the machines behind it; idle, they cost nothing."""

from dataclasses import dataclass, replace

import pulumi
from pulumi_aws import batch

from debate_infra.components.batch.hosts import Hosts
from debate_infra.components.foundation.network import Network
from debate_infra.settings.fleets import FleetSettings
from debate_infra.settings.instances import GPU_TYPES

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


# "CreateJobQueue" in the Batch API: a queue made without a policy cannot be given one later.
_NEW_QUEUE_FOR_A_POLICY = pulumi.ResourceOptions(
    replace_on_changes=["schedulingPolicyArn"], delete_before_replace=True
)
# Of a shared queue's vCPUs, for whoever comes next while one list fills it (a square of that while
# two do): so a single debate starts at once. In percent.
_RESERVED = 10
# What a list used an hour ago no longer counts against it. In seconds.
_REMEMBERED = HOUR
# "ShareAttributes" in the Batch API: the smaller the weight, the more machines. What is submitted
# by itself gets four times a list's part. A name ending in * stands for all that begin so.
_WEIGHTS = {"single": 0.25, "list*": 1.0}


@dataclass(frozen=True)
class QueueArgs:
    """What a queue depends on; `hosts` are used when the fleet names instance types."""

    name: str
    fleet: FleetSettings
    hosts: Hosts
    network: Network


class Queue(pulumi.ComponentResource):
    """A job queue in front of machines on EC2, the cheap ones first, or of Fargate."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    shared: bool  # a submission has to name its share

    def __init__(
        self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        on_ec2 = bool(args.fleet.instance_types)
        resources = {args.name: _ec2(args) if on_ec2 else _fargate(args)}
        if args.fleet.on_demand_behind:
            # Where Spot has no machine the scheduler goes on to the next environment.
            behind = replace(args.fleet, min_vcpus=0, spot=False)
            resources[f"{args.name}-on-demand"] = _ec2(replace(args, fleet=behind))
        environments = [
            _environment(name, machines, on_ec2, child) for name, machines in resources.items()
        ]
        policy = _fair_shares(args.name, child) if args.fleet.shared else None
        queue = batch.JobQueue(
            args.name,
            name=args.name,
            state="ENABLED",
            priority=1,
            scheduling_policy_arn=policy.arn if policy else None,
            compute_environment_orders=[
                batch.JobQueueComputeEnvironmentOrderArgs(order=order, compute_environment=made.arn)
                for order, made in enumerate(environments, start=1)
            ],
            job_state_time_limit_actions=_cancel_stuck(),
            opts=pulumi.ResourceOptions.merge(child, _NEW_QUEUE_FOR_A_POLICY),
        )
        self.name, self.arn, self.shared = queue.name, queue.arn, args.fleet.shared
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


def _fair_shares(name: str, child: pulumi.ResourceOptions) -> batch.SchedulingPolicy:
    """Make the rule by which a queue's machines are divided among those who wait."""
    share = batch.SchedulingPolicyFairSharePolicyShareDistributionArgs
    return batch.SchedulingPolicy(
        name,
        name=name,
        fair_share_policy=batch.SchedulingPolicyFairSharePolicyArgs(
            compute_reservation=_RESERVED,
            share_decay_seconds=_REMEMBERED,
            share_distributions=[
                share(share_identifier=who, weight_factor=weight)
                for who, weight in _WEIGHTS.items()
            ],
        ),
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


def _ec2(args: QueueArgs) -> batch.ComputeEnvironmentComputeResourcesArgs:
    spot, hosts = args.fleet.spot, args.hosts
    with_gpus = args.fleet.instance_types[0] in GPU_TYPES
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
            batch.ComputeEnvironmentComputeResourcesEc2ConfigurationArgs(
                image_type="ECS_AL2023_NVIDIA" if with_gpus else "ECS_AL2023"
            )
        ],
        subnets=list(args.network.public_subnet_ids),
        security_group_ids=[args.network.job_security_group_id],
    )
