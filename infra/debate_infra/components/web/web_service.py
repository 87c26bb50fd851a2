"""The web application on ECS Fargate, with everything it needs around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ec2, ecs, secretsmanager
from pulumi_random import RandomPassword

from debate_infra.components.foundation.network import Network
from debate_infra.components.foundation.registry import Registry
from debate_infra.components.foundation.roles import service_role
from debate_infra.components.foundation.storage import Storage
from debate_infra.components.web.database import Database, DatabaseArgs
from debate_infra.components.web.load_balancer import LoadBalancer, LoadBalancerArgs
from debate_infra.components.web.tasks import Tasks
from debate_infra.documents import policies, web_task
from debate_infra.documents.rendering import as_json
from debate_infra.documents.web_task import PORT
from debate_infra.settings.stack import WebappSettings

_TELLING = {
    "WEBHOOK_SECRET": "Signs what the web application posts to the webhook",
    "SMTP_URL": "The mail server of the web application, with its password",
}
_START_SECONDS = 180  # migrations and start, before the load balancer's verdict counts


@dataclass(frozen=True)
class Submitting:
    """What it takes to hand recordings to Batch: what a submission knows, and what it may touch."""

    outputs: pulumi.Output[str]  # those of the stack, as JSON
    queue_arns: Sequence[pulumi.Output[str]]
    definition_arns: Sequence[pulumi.Output[str]]  # without revisions
    job_arns: str


@dataclass(frozen=True)
class WebServiceArgs:
    """What the web application depends on."""

    name: str
    region: str
    settings: WebappSettings
    network: Network
    registry: Registry
    storage: Storage
    log_retention_days: int
    job_log: cloudwatch.LogGroup  # where the site finds why a job failed
    submitting: Submitting


class WebService(pulumi.ComponentResource):
    """Load balancer → tasks (migrations, then gunicorn) → PostgreSQL and the bucket."""

    url: str
    tasks: Tasks
    balancer_name: pulumi.Output[str]  # as CloudWatch calls them
    targets_name: pulumi.Output[str]
    database_name: pulumi.Output[str]
    event_key: pulumi.Output[str]  # with which AWS tells the site that a job ended

    def __init__(
        self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:WebService", name, None, opts)
        self._logical, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/ecs/{args.name}/web",
            retention_in_days=args.log_retention_days,
            opts=self._child,
        )
        balancer = self._load_balancer()
        group = self._security_group(balancer.security_group_id)
        self.tasks = self._tasks(self._cluster(), group, self._database(group))
        self._service(balancer)
        self.balancer_name, self.targets_name = balancer.name, balancer.targets_name
        self.url = f"https://{args.settings.domain}"
        self.register_outputs({"url": self.url})

    def _load_balancer(self) -> LoadBalancer:
        given = self._args
        args = LoadBalancerArgs(
            name=given.name,
            vpc_id=given.network.vpc_id,
            subnet_ids=given.network.public_subnet_ids,
            certificate_arn=given.settings.certificate_arn,
            deletion_protection=given.settings.deletion_protection,
        )
        # AWS refuses one where nothing leads to the internet yet.
        after_network = pulumi.ResourceOptions(parent=self, depends_on=[given.network])
        return LoadBalancer(self._logical, args, after_network)

    def _database(self, clients: ec2.SecurityGroup) -> Database:
        given = self._args
        args = DatabaseArgs(
            name=given.name,
            vpc_id=given.network.vpc_id,
            subnet_ids=given.network.private_subnet_ids,
            client_security_group_id=clients.id,
            deletion_protection=given.settings.deletion_protection,
        )
        database = Database(self._logical, args, self._child)
        self.database_name = database.name
        return database

    def _security_group(self, balancer_group_id: pulumi.Output[str]) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._args.name}-web",
            vpc_id=self._args.network.vpc_id,
            description="Web application: in from the load balancer only",
            ingress=[
                ec2.SecurityGroupIngressArgs(
                    description="load balancer",
                    protocol="tcp",
                    from_port=PORT,
                    to_port=PORT,
                    security_groups=[balancer_group_id],
                )
            ],
            egress=[
                ec2.SecurityGroupEgressArgs(
                    description="database, S3, ECR, logs, secrets",
                    protocol="-1",
                    from_port=0,
                    to_port=0,
                    cidr_blocks=["0.0.0.0/0"],
                )
            ],
            opts=self._child,
        )

    def _random_secret(
        self, kind: str, description: str
    ) -> tuple[secretsmanager.Secret, pulumi.Output[str]]:
        """Make a secret of random letters and keep it; its value is encrypted in the state too."""
        made = RandomPassword(f"{self._logical}-{kind}", length=64, special=False, opts=self._child)
        return self._secret(kind, description, made.result), pulumi.Output.secret(made.result)

    def _secret(
        self, kind: str, description: str, value: pulumi.Output[str]
    ) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            f"{self._args.name}-web-{kind}",
            description=description,
            recovery_window_in_days=7,
            opts=self._child,
        )
        secretsmanager.SecretVersion(
            f"{self._logical}-{kind}", secret_id=secret.id, secret_string=value, opts=self._child
        )
        return secret

    def _secrets_of_telling(self) -> dict[str, pulumi.Output[str]]:
        """What opens the ways by which the site tells of failures, by environment name."""
        given = self._args.settings.telling.secrets
        return {
            name: self._secret(name.lower().replace("_", "-"), _TELLING[name], value).arn
            for name, value in given.items()
        }

    def _tasks(self, cluster: ecs.Cluster, group: ec2.SecurityGroup, database: Database) -> Tasks:
        network = self._args.network
        # Kept, or every deployment would sign people out.
        key, _ = self._random_secret("key", "Signs the web application's sessions")
        event_key, self.event_key = self._random_secret("events", "AWS shows it to the site")
        secrets = {"SECRET_KEY": key.arn, "EVENT_KEY": event_key.arn, **self._secrets_of_telling()}
        return Tasks(
            cluster_arn=cluster.arn,
            subnet_ids=network.private_subnet_ids,
            security_group_id=group.id,
            public_ip=network.private_public_ip,
            start_role_arn=self._start_role([*secrets.values()]),
            told=self._told(database, secrets),
            password_secret_arn=database.password_secret_arn,
        )

    def _told(self, database: Database, secrets: dict[str, pulumi.Output[str]]) -> dict[str, Any]:
        """What every `WebTask` is made of."""
        bucket = self._args.storage.bucket
        return {
            "image": self._args.registry.image("webapp"),
            "environment": {
                "DATABASE_URL": database.url,
                # Not the password itself: RDS replaces it while tasks run.
                "DATABASE_SECRET_ARN": database.password_secret_arn,
                "STORAGE_ROOT": bucket.apply(lambda name: f"s3://{name}"),
                "AWS_DEFAULT_REGION": self._args.region,
                "LOG_FORMAT": "json",
                "JOB_LOG_GROUP": self._args.job_log.name,
                "ALLOWED_HOSTS": self._args.settings.domain,
                "DEBATE_STACK_OUTPUTS": self._args.submitting.outputs,
                "KNOWN_VOICES": "on" if self._args.settings.knows_voices else "off",
                **self._args.settings.telling.environment,
            },
            "secrets": secrets,
            "log_group": self._log.name,
            "region": self._args.region,
        }

    def _start_role(self, secret_arns: list[pulumi.Output[str]]) -> pulumi.Output[str]:
        allowed = as_json(
            policies.start_container,
            repository_arns=[self._args.registry.arns["webapp"]],
            log_group_arn=self._log.arn,
            secret_arns=secret_arns,
        )
        arn: pulumi.Output[str] = service_role(
            f"{self._args.name}-web-start", "ecs-tasks", allowed, self._child
        ).arn
        return arn

    def _task_definition(self) -> ecs.TaskDefinition:
        name, submitting = f"{self._args.name}-web", self._args.submitting
        allowed = as_json(
            policies.serve_debates,
            bucket_arn=self._args.storage.arn,
            password_secret_arn=self.tasks.password_secret_arn,
            job_log_arn=self._args.job_log.arn,
            queue_arns=list(submitting.queue_arns),
            definition_arns=list(submitting.definition_arns),
            job_arns=submitting.job_arns,
        )
        role = service_role(f"{name}-task", "ecs-tasks", allowed, self._child)
        return self.tasks.define(self._logical, name, web_task.containers, role.arn, self._child)

    def _cluster(self) -> ecs.Cluster:
        return ecs.Cluster(
            self._logical,
            name=f"{self._args.name}-web",
            settings=[ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            opts=self._child,
        )

    def _service(self, balancer: LoadBalancer) -> None:
        # ECS refuses a target group that no listener uses yet.
        after_listener = pulumi.ResourceOptions(parent=self, depends_on=[balancer.listener])
        ecs.Service(
            self._logical,
            name=f"{self._args.name}-web",
            cluster=self.tasks.cluster_arn,
            launch_type="FARGATE",
            task_definition=self._task_definition().arn,
            # Migrations wait for one another; old tasks serve until the new ones are healthy.
            desired_count=self._args.settings.tasks,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            # `make up` is done when the site is up, and fails when it never comes up.
            wait_for_steady_state=True,
            health_check_grace_period_seconds=_START_SECONDS,
            network_configuration=ecs.ServiceNetworkConfigurationArgs(**self.tasks.network()),
            load_balancers=[
                ecs.ServiceLoadBalancerArgs(
                    target_group_arn=balancer.target_group_arn,
                    container_name="web",
                    container_port=PORT,
                )
            ],
            opts=after_listener,
        )
