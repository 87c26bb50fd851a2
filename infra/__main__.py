"""Debate Analyzer on AWS.

video URL ─▶ CPU queue ─▶ GPU queue ─▶ CPU queue ─▶ bucket ─▶ web application
             download     transcribe    stats
             └──────────── pipeline ─────────┘  (or all three as one job on a GPU machine)
"""

from dataclasses import replace

import pulumi
import pulumi_aws as aws
from debate_infra.components.batch.alarms import Alarms, AlarmsArgs
from debate_infra.components.batch.hosts import Hosts, HostsArgs
from debate_infra.components.batch.jobs import Jobs, JobsArgs
from debate_infra.components.batch.queues import Queue, QueueArgs
from debate_infra.components.dataset.corrections import Corrections, CorrectionsArgs
from debate_infra.components.dataset.dataset import Dataset, DatasetArgs
from debate_infra.components.foundation.credentials import Credentials, CredentialsArgs
from debate_infra.components.foundation.github import Github, GithubArgs
from debate_infra.components.foundation.network import Network, NetworkArgs
from debate_infra.components.foundation.registry import Registry, RegistryArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
from debate_infra.components.web.web_service import WebService, WebServiceArgs
from debate_infra.settings import stack as stack_settings

settings = stack_settings.load()
for warning in settings.warnings:
    pulumi.log.warn(warning)

name, region, days = settings.name, settings.region, settings.log_retention_days
tags = {"Project": name, "Stack": pulumi.get_stack(), "ManagedBy": "pulumi"}
provider = aws.Provider("aws", region=region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags))
on_aws = pulumi.ResourceOptions(provider=provider)

network = Network(
    "network", NetworkArgs(name, region, settings.network, bool(settings.webapp)), on_aws
)
storage = Storage(
    "storage",
    StorageArgs(name, settings.web_origins, bool(settings.dataset), settings.deletion_protection),
    on_aws,
)
registry = Registry("registry", RegistryArgs(name, settings.image_tags), on_aws)
credentials = Credentials("credentials", CredentialsArgs(name, settings.secrets), on_aws)

hosts = Hosts("hosts", HostsArgs(name, region, storage, tags), on_aws)
cpu_hosts = hosts if settings.cpu.instance_types else None
cpu_queue = Queue("cpu", QueueArgs(f"{name}-cpu", settings.cpu, cpu_hosts, network), on_aws)
# What takes a minute does not wait for a list of downloads.
few = replace(settings.cpu, min_vcpus=0, max_vcpus=min(16, settings.cpu.max_vcpus))
small_queue = Queue("small", QueueArgs(f"{name}-small", few, cpu_hosts, network), on_aws)
gpu_queue = Queue(
    "gpu",
    QueueArgs(f"{name}-gpu", settings.gpu, hosts, network, "ECS_AL2023_NVIDIA"),
    on_aws,
)
jobs = Jobs(
    "jobs",
    JobsArgs(
        name=name,
        region=region,
        registry=registry,
        storage=storage,
        credentials=credentials,
        gpu_types=settings.gpu.instance_types,
        gpu_on_spot=settings.gpu.spot,
        cpu_on_fargate=not settings.cpu.instance_types,
        assign_public_ip=network.jobs_public_ip,
        models_prefix=settings.models_prefix,
        log_retention_days=days,
        with_dataset=bool(settings.dataset),
    ),
    on_aws,
)
if settings.alarm_email:
    queue_arns = [cpu_queue.arn, gpu_queue.arn, small_queue.arn]
    Alarms("alarms", AlarmsArgs(name, settings.alarm_email, queue_arns), on_aws)

pulumi.export("bucket", storage.bucket)
pulumi.export("region", region)
pulumi.export("repositories", registry.urls)
pulumi.export("queues", {"cpu": cpu_queue.name, "gpu": gpu_queue.name, "small": small_queue.name})
pulumi.export("jobDefinitions", jobs.names)
pulumi.export(
    "secrets", {"hfToken": credentials.hf_token_arn, "youtubeCookies": credentials.cookies_arn}
)
pulumi.export("logGroup", jobs.log_group)
if settings.github:
    arns = list(registry.arns.values())
    github = Github("github", GithubArgs(name, settings.github, arns), on_aws)
    pulumi.export("githubRoleArn", github.role_arn)
if settings.webapp:
    web = WebService(
        "web",
        WebServiceArgs(name, region, settings.webapp, network, registry, storage, days),
        on_aws,
    )
    pulumi.export("webappUrl", web.url)
after = None
if settings.webapp and settings.dataset:
    corrections_args = CorrectionsArgs(name, settings.dataset.schedule, web.tasks, storage)
    after = Corrections("corrections", corrections_args, on_aws).ended
if settings.dataset:
    dataset_args = DatasetArgs(
        name, settings.dataset, storage, small_queue, jobs.definitions["dataset"], after
    )
    dataset = Dataset("dataset", dataset_args, on_aws)
    pulumi.export("athena", {"database": dataset.database, "workgroup": dataset.workgroup})
