"""Debate Analyzer on AWS.

video URL ─▶ CPU queue ─▶ GPU queue ─▶ CPU queue ─▶ bucket ─▶ web application
             download     transcribe    stats
             └──────────── pipeline ─────────┘  (or all three as one job on a GPU machine)
"""

from dataclasses import replace

import pulumi
import pulumi_aws as aws
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
from debate_infra.components.operations.alarms import Alarms, AlarmsArgs
from debate_infra.components.operations.dashboard import Dashboard, DashboardArgs
from debate_infra.components.operations.watched import WatchedSite
from debate_infra.components.web.arrivals import Arrivals, ArrivalsArgs
from debate_infra.components.web.web_service import WebService, WebServiceArgs
from debate_infra.settings import fleets
from debate_infra.settings import stack as stack_settings
from debate_infra.settings.account import choose_types, choose_zones, look_at

settings = stack_settings.load()
for warning in settings.warnings:
    pulumi.log.warn(warning)

name, region, days = settings.name, settings.region, settings.log_retention_days
tags = {"Project": name, "Stack": pulumi.get_stack(), "ManagedBy": "pulumi"}
provider = aws.Provider("aws", region=region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags))
on_aws = pulumi.ResourceOptions(provider=provider)
with_web = bool(settings.webapp)

account = look_at(region, provider)
zones = choose_zones(account, settings.network)
network = Network(
    "network",
    NetworkArgs(
        name, region, replace(settings.network, zones=zones), with_private_subnets=with_web
    ),
    on_aws,
)
storage = Storage(
    "storage",
    StorageArgs(name, settings.web_origins, bool(settings.dataset), settings.deletion_protection),
    on_aws,
)
registry = Registry("registry", RegistryArgs(name, settings.image_tags), on_aws)
credentials = Credentials("credentials", CredentialsArgs(name, settings.secrets), on_aws)

hosts = Hosts("hosts", HostsArgs(name, region, storage, tags, account.partition), on_aws)
gpu = replace(settings.gpu, instance_types=choose_types(account, "gpuInstanceTypes", settings.gpu))
cpu = replace(settings.cpu, instance_types=choose_types(account, "cpuInstanceTypes", settings.cpu))
queues = {
    kind: Queue(kind, QueueArgs(f"{name}-{kind}", fleet, hosts, network), on_aws)
    for kind, fleet in fleets.queues(gpu, cpu).items()
}
jobs = Jobs(
    "jobs",
    JobsArgs(
        name=name,
        region=region,
        registry=registry,
        storage=storage,
        credentials=credentials,
        gpu_types=gpu.instance_types,
        gpu_on_spot=gpu.spot,
        cpu_on_fargate=not cpu.instance_types,
        assign_public_ip=network.jobs_public_ip,
        models_prefix=settings.models_prefix,
        log_retention_days=days,
        with_dataset=bool(settings.dataset),
    ),
    on_aws,
)
queue_arns = [queue.arn for queue in queues.values()]

pulumi.export("bucket", storage.bucket)
pulumi.export("region", region)
pulumi.export("repositories", registry.urls)
pulumi.export("images", dict(settings.image_tags))
weights = storage.bucket.apply(lambda bucket: f"s3://{bucket}/models")
pulumi.export("modelsPrefix", settings.models_prefix or weights)
pulumi.export("queues", {kind: queue.name for kind, queue in queues.items()})
pulumi.export("sharedQueues", [kind for kind, queue in queues.items() if queue.shared])
pulumi.export("jobDefinitions", jobs.names)
pulumi.export(
    "secrets", {"hfToken": credentials.hf_token_arn, "youtubeCookies": credentials.cookies_arn}
)
pulumi.export("logGroup", jobs.log_group)
if settings.github:
    arns = list(registry.arns.values())
    github = Github("github", GithubArgs(name, settings.github, arns, account.partition), on_aws)
    pulumi.export("githubRoleArn", github.role_arn)
    pulumi.export("previewRoleArn", github.preview_role_arn)
watched = None
if settings.webapp:
    web = WebService(
        "web",
        WebServiceArgs(name, region, settings.webapp, network, registry, storage, days, jobs.log),
        on_aws,
    )
    endings = [jobs.definitions[kind].arn_prefix for kind in ("stats", "pipeline")]
    arrivals = Arrivals(
        "arrivals", ArrivalsArgs(name, web.url, web.event_key, queue_arns, endings), on_aws
    )
    pulumi.export("webappUrl", web.url)
    pulumi.export("certificateArn", settings.webapp.certificate_arn)
    watched = WatchedSite(
        web.balancer_name, web.targets_name, web.database_name, arrivals.dead_letters.name
    )
Dashboard(
    "dashboard", DashboardArgs(name, region, queue_arns, jobs.log_group, days, watched), on_aws
)
if settings.alarm_email:
    alarms = AlarmsArgs(name, settings.alarm_email, queue_arns, settings.monthly_budget, watched)
    Alarms("alarms", alarms, on_aws)
after = None
if settings.webapp and settings.dataset:
    corrections_args = CorrectionsArgs(name, settings.dataset.schedule, web.tasks, storage)
    after = Corrections("corrections", corrections_args, on_aws).ended
if settings.dataset:
    dataset_args = DatasetArgs(
        name, settings.dataset, storage, queues["small"], jobs.definitions["dataset"], after
    )
    dataset = Dataset("dataset", dataset_args, on_aws)
    pulumi.export("athena", {"database": dataset.database, "workgroup": dataset.workgroup})
