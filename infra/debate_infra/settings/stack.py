"""The one frozen object that says how a stack differs from the next, and its only reader.

`load()` refuses what cannot work before any resource exists; README.md lists the keys.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from debate_infra.settings.configuration import Configuration
from debate_infra.settings.errors import SettingError
from debate_infra.settings.fleets import FleetSettings, read_cpu, read_gpu
from debate_infra.settings.images import SERVICES, read_tags
from debate_infra.settings.secrets import KEY_ARN, SecretSettings, read_secrets
from debate_infra.settings.telling import TellingSettings, read_telling

DEFAULT_REGION = "eu-central-1"
# `make web` on the editor's own machine plays recordings from the bucket too.
DEFAULT_ORIGINS = ("http://localhost:8000", "http://127.0.0.1:8000")
# What CloudWatch accepts as a retention period.
RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653)

SECRETS = ("hfToken", "webhookSecret", "smtpUrl")

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SCHEDULE = re.compile(r"(rate|cron)\([^()]+\)")


@dataclass(frozen=True)
class NetworkSettings:
    """A VPC of our own in these zones (in every one where none is named), or somebody's VPC."""

    zones: tuple[str, ...]
    vpc_id: str | None
    subnet_ids: tuple[str, ...]
    private_subnet_ids: tuple[str, ...]
    assign_public_ip: bool


@dataclass(frozen=True)
class DatasetSettings:
    """How often the dataset of all debates is brought up to date."""

    schedule: str


@dataclass(frozen=True)
class GithubSettings:
    """Whose workflows may push images."""

    repository: str
    branch: str
    provider_arn: str | None
    state_bucket: str | None = None  # where Pulumi keeps the state, for previews
    state_key_arn: str | None = None


@dataclass(frozen=True)
class WebappSettings:
    """The web application on AWS."""

    certificate_arn: str
    domain: str
    deletion_protection: bool
    tasks: int
    telling: TellingSettings
    knows_voices: bool


@dataclass(frozen=True)
class Settings:
    """Everything that is configurable."""

    name: str
    region: str
    network: NetworkSettings
    gpu: FleetSettings
    cpu: FleetSettings
    secrets: SecretSettings
    image_tags: Mapping[str, str]
    models_prefix: str | None
    web_origins: tuple[str, ...]
    log_retention_days: int
    deletion_protection: bool
    alarm_email: str | None
    monthly_budget: int | None
    dataset: DatasetSettings | None
    github: GithubSettings | None
    webapp: WebappSettings | None
    warnings: tuple[str, ...]


def load() -> Settings:
    """Read and check the stack's configuration.

    Raises:
        SettingError: names the key and says what is wrong with it.

    """
    config = Configuration()
    region = _region()
    webapp = _webapp(config)
    return Settings(
        name=config.matching("namePrefix", _NAME, "3 to 30 small letters, digits and hyphens")
        or "debate-analyzer",
        region=region,
        network=_network(config, region, with_webapp=bool(webapp)),
        gpu=read_gpu(config),
        cpu=read_cpu(config),
        secrets=read_secrets(config),
        image_tags=_image_tags(config),
        models_prefix=config.matching("modelsPrefix", re.compile(r"/.+"), "a path in the image"),
        web_origins=_origins(config, webapp),
        log_retention_days=_retention(config),
        deletion_protection=config.flag("deletionProtection", True),
        alarm_email=config.matching("alarmEmail", _EMAIL, "an e-mail address"),
        monthly_budget=_budget(config),
        dataset=_dataset(config),
        github=_github(config),
        webapp=webapp,
        warnings=_warnings(config),  # last: by now every key has been asked for
    )


def _region() -> str:
    given = pulumi.Config("aws").get("region")
    return given or os.environ.get("AWS_REGION") or DEFAULT_REGION


def _network(config: Configuration, region: str, *, with_webapp: bool) -> NetworkSettings:
    vpc_id, subnets = config.text("vpcId"), config.texts("subnetIds")
    if bool(vpc_id) != bool(subnets):
        raise SettingError("vpcId", "give vpcId and subnetIds together, or neither")
    private = config.texts("privateSubnetIds")
    if vpc_id and with_webapp:
        _check_two_zones(subnetIds=subnets, privateSubnetIds=private or subnets)
    zones = config.texts("availabilityZones")
    if zones and (len(set(zones)) < 2 or not all(zone.startswith(region) for zone in zones)):
        raise SettingError("availabilityZones", f"name at least two different zones of {region}")
    return NetworkSettings(
        zones=zones,
        vpc_id=vpc_id,
        subnet_ids=subnets,
        private_subnet_ids=private,
        assign_public_ip=config.flag("assignPublicIp", True),
    )


def _check_two_zones(**subnets: tuple[str, ...]) -> None:
    for key, given in subnets.items():
        if len(given) < 2:
            raise SettingError(key, "load balancer and database want subnets in two zones")


def _image_tags(config: Configuration) -> Mapping[str, str]:
    same = config.text("imageTag")
    own = config.table("imageTags")
    everywhere = dict.fromkeys(SERVICES, same)
    return read_tags({k: v for k, v in everywhere.items() if v} | dict(own))


def _origins(config: Configuration, webapp: WebappSettings | None) -> tuple[str, ...]:
    given = config.texts("webOrigins", DEFAULT_ORIGINS)
    for origin in given:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(
                "webOrigins",
                f"'{origin}' is not an origin such as https://debates.example.org "
                "(no wildcard, no path, no slash at the end)",
            )
    own = (f"https://{webapp.domain}",) if webapp else ()
    return tuple(dict.fromkeys(own + given))


def _retention(config: Configuration) -> int:
    days = config.whole("logRetentionDays", 90, 1, RETENTION_DAYS[-1])
    if days not in RETENTION_DAYS:
        raise SettingError(
            "logRetentionDays", f"CloudWatch knows only {', '.join(map(str, RETENTION_DAYS))}"
        )
    return days


def _budget(config: Configuration) -> int | None:
    dollars = config.whole("monthlyBudget", 0, 0, 1_000_000)
    if dollars and not config.text("alarmEmail"):
        raise SettingError("monthlyBudget", "give alarmEmail too: somebody has to be told")
    return dollars or None


def _dataset(config: Configuration) -> DatasetSettings | None:
    schedule = config.matching("datasetSchedule", _SCHEDULE, "rate(…) or cron(…) of EventBridge")
    if not config.flag("withAthena", False):
        return None
    return DatasetSettings(schedule or "cron(0 3 * * ? *)")


def _github(config: Configuration) -> GithubSettings | None:
    repository = config.matching("githubRepository", _REPOSITORY, "an owner/name pair")
    branch = config.text("githubBranch") or "main"
    provider_arn = config.text("githubOidcProviderArn")
    bucket = config.text("stateBucket")
    key_arn = config.matching("stateKeyArn", KEY_ARN, "the ARN of a KMS key (no alias)")
    if not repository:
        return None
    return GithubSettings(repository, branch, provider_arn, bucket, key_arn)


def _webapp(config: Configuration) -> WebappSettings | None:
    wanted = config.flag("withWebapp", False)
    certificate_arn, domain = config.text("certificateArn"), config.text("webappDomain")
    protected = config.flag("deletionProtection", True)
    tasks, telling = config.whole("webappTasks", 1, 1, 10), read_telling(config)
    knows_voices = config.flag("knownVoices", True)
    if not wanted:
        return None
    if not certificate_arn:
        raise SettingError("certificateArn", "withWebapp needs an ACM certificate of this region")
    if not domain:
        raise SettingError("webappDomain", "withWebapp needs the name that the certificate is for")
    return WebappSettings(certificate_arn, domain, protected, tasks, telling, knows_voices)


def _warnings(config: Configuration) -> tuple[str, ...]:
    notes = config.unknown_keys()
    notes += [
        f"{key}: stored in clear; repeat `pulumi config set --secret {key}` with a new one and "
        "revoke the old"
        for key in SECRETS
        if config.is_in_clear(key)
    ]
    return tuple(notes)
