"""The network: a small VPC of our own, or the subnets somebody gave us."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from debate_infra.settings.stack import NetworkSettings

_RANGE = ipaddress.ip_network("10.20.0.0/16")


@dataclass(frozen=True)
class NetworkArgs:
    """What the network depends on."""

    name: str
    region: str
    settings: NetworkSettings
    # Private subnets and the NAT gateway cost money even at rest: only a web application has them.
    with_private_subnets: bool


class Network(pulumi.ComponentResource):
    """Subnets for jobs (public, nothing may connect in) and for the web application (private)."""

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    private_subnet_ids: Sequence[pulumi.Input[str]]
    jobs_public_ip: bool
    private_public_ip: bool
    job_security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Network", name, None, opts)
        self._logical, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        if args.settings.vpc_id:
            self._use_existing(args.settings.vpc_id)
        else:
            self._make_own()
        self.job_security_group_id = self._make_job_security_group().id
        self.register_outputs({"vpcId": self.vpc_id, "subnetIds": self.public_subnet_ids})

    def _use_existing(self, vpc_id: str) -> None:
        given = self._args.settings
        self.vpc_id = vpc_id
        self.public_subnet_ids = list(given.subnet_ids)
        self.private_subnet_ids = list(given.private_subnet_ids or given.subnet_ids)
        self.jobs_public_ip = given.assign_public_ip
        self.private_public_ip = given.assign_public_ip and not given.private_subnet_ids

    def _make_own(self) -> None:
        vpc = ec2.Vpc(
            f"{self._logical}-vpc",
            cidr_block=str(_RANGE),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": self._args.name},
            opts=self._child,
        )
        self.vpc_id, self.private_subnet_ids = vpc.id, []
        self.jobs_public_ip, self.private_public_ip = True, False
        # A group nobody asked for is a group nobody watches: empty the VPC's default one.
        ec2.DefaultSecurityGroup(f"{self._logical}-default", vpc_id=vpc.id, opts=self._child)
        gateway = ec2.InternetGateway(
            f"{self._logical}-internet",
            vpc_id=vpc.id,
            tags={"Name": self._args.name},
            opts=self._child,
        )
        out = self._route_table("public", gateway_id=gateway.id)
        public = self._subnets("public", first=0, table=out)
        self.public_subnet_ids = [subnet.id for subnet in public]
        tables = [out]
        if self._args.with_private_subnets:
            tables.append(self._make_private_subnets(public[0], gateway))
        self._make_s3_endpoint([table.id for table in tables])

    def _make_private_subnets(
        self, public: ec2.Subnet, gateway: ec2.InternetGateway
    ) -> ec2.RouteTable:
        table = self._route_table("private", nat_gateway_id=self._nat(public, gateway).id)
        private = self._subnets("private", first=8, table=table)
        self.private_subnet_ids = [subnet.id for subnet in private]
        return table

    def _subnets(self, kind: str, first: int, table: ec2.RouteTable) -> list[ec2.Subnet]:
        ranges = list(_RANGE.subnets(new_prefix=20))[first:]
        made = []
        for zone, cidr in zip(self._args.settings.zones, ranges, strict=False):
            subnet = ec2.Subnet(
                f"{self._logical}-{kind}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=str(cidr),
                map_public_ip_on_launch=kind == "public",
                tags={"Name": f"{self._args.name}-{kind}-{zone}"},
                opts=self._child,
            )
            ec2.RouteTableAssociation(
                f"{self._logical}-{kind}-{zone}",
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self._child,
            )
            made.append(subnet)
        return made

    def _route_table(
        self,
        kind: str,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
    ) -> ec2.RouteTable:
        return ec2.RouteTable(
            f"{self._logical}-{kind}",
            vpc_id=self.vpc_id,
            routes=[
                ec2.RouteTableRouteArgs(
                    cidr_block="0.0.0.0/0", gateway_id=gateway_id, nat_gateway_id=nat_gateway_id
                )
            ],
            tags={"Name": f"{self._args.name}-{kind}"},
            opts=self._child,
        )

    def _nat(self, subnet: ec2.Subnet, gateway: ec2.InternetGateway) -> ec2.NatGateway:
        # AWS refuses it where nothing leads to the internet yet.
        after_gateway = pulumi.ResourceOptions(parent=self, depends_on=[gateway])
        address = ec2.Eip(f"{self._logical}-nat", domain="vpc", opts=self._child)
        return ec2.NatGateway(
            f"{self._logical}-nat",
            allocation_id=address.id,
            subnet_id=subnet.id,
            tags={"Name": self._args.name},
            opts=after_gateway,
        )

    def _make_s3_endpoint(self, route_table_ids: list[pulumi.Output[str]]) -> None:
        """Recordings then go to and from the bucket inside AWS, free of charge."""
        ec2.VpcEndpoint(
            f"{self._logical}-s3",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=route_table_ids,
            opts=self._child,
        )

    def _make_job_security_group(self) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._logical}-jobs",
            vpc_id=self.vpc_id,
            description="Batch jobs: out to anywhere, in from nowhere",
            egress=[
                ec2.SecurityGroupEgressArgs(
                    description="video sites, S3, ECR, logs",
                    protocol="-1",
                    from_port=0,
                    to_port=0,
                    cidr_blocks=["0.0.0.0/0"],
                )
            ],
            opts=self._child,
        )
