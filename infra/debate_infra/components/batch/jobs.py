"""The job definitions, the roles they run with and the log they write to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import batch, cloudwatch

from debate_infra.components.foundation.credentials import Credentials
from debate_infra.components.foundation.registry import Registry
from debate_infra.components.foundation.roles import service_role
from debate_infra.components.foundation.storage import Storage
from debate_infra.documents import job_definitions, policies
from debate_infra.documents.job_definitions import Fargate, Host, Json, Stage
from debate_infra.documents.rendering import as_json
from debate_infra.settings.instances import DOWNLOAD, STATS, Size, size_for_transcribe

# The stages of a debate in their order; the dataset is made of all debates.
CHAIN = ("download", "transcribe", "stats")
# The service whose image runs a stage.
IMAGES = {
    "download": "downloader",
    "transcribe": "transcriber",
    "stats": "stats",
    "dataset": "stats",
}
# What a stage writes in a job, the transcriber's checkpoints among it.
OWN_PLACES = {
    "download": ("media.json", "videos/*", "subtitles/*"),
    "transcribe": ("transcripts/*", ".work/*"),
    "stats": tuple(
        f"transcripts/*_{name}"
        for name in ("speaker_stats.parquet", "interactions.parquet", "transcript_stats.json")
    ),
}
# And removes before it makes it anew (`--force`): the statistics are written over.
_CLEARING = ("download", "transcribe")
# Exit code "temporary" of contracts/README.md.
_TRY_AGAIN = "75"
# Batch counts every attempt alike, also those whose machine was taken away: on Spot as many as it
# allows.
_ATTEMPTS, _ATTEMPTS_ON_SPOT = 4, 10


@dataclass(frozen=True)
class JobsArgs:
    """What the definitions depend on."""

    name: str
    region: str
    registry: Registry
    storage: Storage
    credentials: Credentials
    gpu_types: Sequence[str]
    gpu_on_spot: bool
    cpu_on_fargate: bool
    assign_public_ip: bool
    models_prefix: str | None
    log_retention_days: int
    with_dataset: bool


class Jobs(pulumi.ComponentResource):
    """`download`, `transcribe` and `stats` for a chain of jobs; `pipeline` for all in one.

    And `dataset`, if wanted, for the tables of all debates.
    """

    log: cloudwatch.LogGroup
    log_group: pulumi.Output[str]
    definitions: dict[str, batch.JobDefinition]

    def __init__(
        self, name: str, args: JobsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Jobs", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/batch/{args.name}",
            retention_in_days=args.log_retention_days,
            opts=self._child,
        )
        self.log_group = self.log.name
        alone = size_for_transcribe(args.gpu_types)
        self.definitions = {
            "download": self._single("download", DOWNLOAD),
            "transcribe": self._single("transcribe", alone),
            "stats": self._single("stats", STATS),
            "pipeline": self._pipeline(),
        }
        if args.with_dataset:
            self.definitions["dataset"] = self._single("dataset", STATS)
        self.register_outputs({"definitions": self.names})

    @property
    def names(self) -> dict[str, pulumi.Output[str]]:
        """What a submission calls the definitions; Batch takes the newest revision."""
        return {kind: definition.name for kind, definition in self.definitions.items()}

    def _single(self, stage: str, size: Size) -> batch.JobDefinition:
        fargate = self._fargate(stage)

        def build(fields: Json, host: Json) -> Json:
            return job_definitions.single(Stage(size=size, **fields), Host(**host), fargate)

        host = self._host_fields(stage, [stage])
        properties = as_json(build, fields=self._stage_fields(stage), host=host)
        return self._define(stage, "FARGATE" if fargate else "EC2", container_properties=properties)

    def _pipeline(self) -> batch.JobDefinition:
        sizes = {
            "download": DOWNLOAD,
            "transcribe": size_for_transcribe(self._args.gpu_types, beside=(DOWNLOAD, STATS)),
            "stats": STATS,
        }

        def build(bucket: str, fields: list[Json], host: Json) -> Json:
            stages = [Stage(size=sizes[stage["name"]], **stage) for stage in fields]
            placed = [job_definitions.in_pipeline(stage, bucket) for stage in stages]
            return job_definitions.pipeline(placed, Host(**host))

        properties = as_json(
            build,
            bucket=self._args.storage.bucket,
            fields=[self._stage_fields(stage) for stage in CHAIN],
            host=self._host_fields("pipeline", list(CHAIN)),
        )
        return self._define("pipeline", "EC2", ecs_properties=properties)

    def _stage_fields(self, stage: str) -> dict[str, Any]:
        """What the stage's `Stage` is made of, its size apart."""
        credentials, token = self._args.credentials, self._token_arn([stage])
        return {
            "name": stage,
            "image": self._args.registry.image(IMAGES[stage]),
            "environment": pulumi.Output.all(
                stage=stage,
                region=self._args.region,
                bucket=self._args.storage.bucket,
                models_prefix=self._args.models_prefix,
                cookies=credentials.cookies_environment(),
            ).apply(lambda known: job_definitions.stage_environment(**known)),
            "secrets": {"HF_TOKEN": token} if token is not None else {},
        }

    def _host_fields(self, name: str, stages: list[str]) -> dict[str, Any]:
        """What the definition's `Host` is made of; its roles may do what the stages need."""
        prefix = f"{self._args.name}-{name}"
        allowed = as_json(
            job_policy,
            stages=stages,
            bucket_arn=self._args.storage.arn,
            cookies_arn=self._args.credentials.cookies_arn,
            cookies_s3_uri=self._args.credentials.cookies_s3_uri,
            key_arns=self._args.credentials.key_arns,
        )
        token = self._token_arn(stages)
        started = as_json(
            policies.start_container,
            repository_arns=[self._args.registry.arns[IMAGES[stage]] for stage in stages],
            log_group_arn=self.log.arn,
            secret_arns=[] if token is None else [token],
            key_arns=self._args.credentials.key_arns,
        )
        start = f"{prefix}-start"
        return {
            "job_role": service_role(f"{prefix}-job", "ecs-tasks", allowed, self._child).arn,
            "execution_role": service_role(start, "ecs-tasks", started, self._child).arn,
            "log_group": self.log.name,
        }

    def _token_arn(self, stages: Sequence[str]) -> pulumi.Input[str] | None:
        """The Hugging Face token's secret, where there is one and a stage that takes it."""
        return self._args.credentials.hf_token_arn if "transcribe" in stages else None

    def _fargate(self, stage: str) -> Fargate | None:
        if stage == "transcribe" or not self._args.cpu_on_fargate:
            return None
        disk = job_definitions.DOWNLOAD_DISK_GIB if stage == "download" else None
        return Fargate(self._args.assign_public_ip, disk)

    def _define(
        self, kind: str, platform: str, **properties: pulumi.Output[str]
    ) -> batch.JobDefinition:
        return batch.JobDefinition(
            kind,
            name=f"{self._args.name}-{kind}",
            type="container",
            platform_capabilities=[platform],
            propagate_tags=True,
            retry_strategy=_retry(on_spot=platform == "EC2" and self._args.gpu_on_spot),
            timeout=batch.JobDefinitionTimeoutArgs(
                attempt_duration_seconds=job_definitions.TIMEOUTS[kind]
            ),
            opts=self._child,
            **properties,
        )


def job_policy(
    stages: list[str],
    bucket_arn: str,
    cookies_arn: str | None,
    cookies_s3_uri: str | None,
    key_arns: Sequence[str] = (),
) -> policies.Document:
    """What the stages' own code may do."""
    if stages == ["dataset"]:
        return policies.write_dataset(bucket_arn)
    own = [place for stage in stages for place in OWN_PLACES[stage]]
    statements = [*policies.read_jobs(bucket_arn), policies.write_in_jobs(bucket_arn, own)]
    cleared = [place for stage in stages if stage in _CLEARING for place in OWN_PLACES[stage]]
    if cleared:
        statements.append(policies.replace_in_jobs(bucket_arn, cleared))
    if "download" in stages:
        statements += policies.read_cookies(cookies_arn, cookies_s3_uri, bucket_arn, key_arns)
    return policies.document(*statements)


def _retry(*, on_spot: bool) -> batch.JobDefinitionRetryStrategyArgs:
    """Again after a temporary fault, when the machine was taken away, and when no job ever started.

    The texts are those of "Automated job retries" in the Batch user guide; the first rule that fits
    decides, and where none does Batch would try again.
    """
    rule = batch.JobDefinitionRetryStrategyEvaluateOnExitArgs
    return batch.JobDefinitionRetryStrategyArgs(
        attempts=_ATTEMPTS_ON_SPOT if on_spot else _ATTEMPTS,
        evaluate_on_exits=[
            rule(on_exit_code=_TRY_AGAIN, action="RETRY"),
            rule(on_status_reason="Host EC2*", action="RETRY"),
            rule(on_status_reason="Task failed to start*", action="RETRY"),
            rule(on_reason="DockerTimeoutError*", action="RETRY"),
            rule(on_reason="*", action="EXIT"),
        ],
    )
