"""PostgreSQL for the web application."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, rds

from debate_infra.documents.web_task import database_url

PORT = 5432
_USER = "debate"
_DATABASE = "debate"


@dataclass(frozen=True)
class DatabaseArgs:
    """What the database depends on."""

    name: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    client_security_group_id: pulumi.Input[str]
    deletion_protection: bool


class Database(pulumi.ComponentResource):
    """A small encrypted instance that only the web application can reach.

    RDS makes the password, keeps it in Secrets Manager and replaces it every week; the application
    asks for it there when it is refused.
    """

    name: pulumi.Output[str]
    url: pulumi.Output[str]
    password_secret_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Database", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        database = self._instance(args)
        self.name = database.identifier
        self.url = database.address.apply(lambda host: database_url(host, PORT, _USER, _DATABASE))
        self.password_secret_arn = database.master_user_secrets.apply(_arn_of_first)
        self.register_outputs({"url": self.url})

    def _instance(self, args: DatabaseArgs) -> rds.Instance:
        subnets = rds.SubnetGroup(
            f"{args.name}-database", subnet_ids=list(args.subnet_ids), opts=self._child
        )
        return rds.Instance(
            f"{args.name}-database",
            engine="postgres",
            engine_version="16",
            auto_minor_version_upgrade=True,
            instance_class="db.t4g.micro",
            allocated_storage=20,
            max_allocated_storage=100,
            storage_type="gp3",
            storage_encrypted=True,
            db_name=_DATABASE,
            username=_USER,
            manage_master_user_password=True,
            port=PORT,
            publicly_accessible=False,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[self._security_group(args).id],
            backup_retention_period=7,
            copy_tags_to_snapshot=True,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{args.name}-final",
            # Pulumi refuses to delete it, or to replace it on a changed argument.
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_protection),
        )

    def _security_group(self, args: DatabaseArgs) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{args.name}-database",
            vpc_id=args.vpc_id,
            description="PostgreSQL, from the web application only",
            ingress=[
                ec2.SecurityGroupIngressArgs(
                    description="web application",
                    protocol="tcp",
                    from_port=PORT,
                    to_port=PORT,
                    security_groups=[args.client_security_group_id],
                )
            ],
            opts=self._child,
        )


def _arn_of_first(secrets: Sequence[rds.outputs.InstanceMasterUserSecret] | None) -> str:
    """ARN of the password's secret; RDS lists none while it is still making it."""
    return str(secrets[0].secret_arn) if secrets else ""
