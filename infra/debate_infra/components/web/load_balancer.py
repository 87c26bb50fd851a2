"""The web application's front door: HTTPS only."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, lb

from debate_infra.documents.web_task import PORT

_HTTP, _HTTPS = 80, 443


@dataclass(frozen=True)
class LoadBalancerArgs:
    """What the load balancer depends on."""

    name: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    certificate_arn: str
    deletion_protection: bool


class LoadBalancer(pulumi.ComponentResource):
    """Ends TLS, sends plain HTTP elsewhere, and passes on to healthy tasks only."""

    dns_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    name: pulumi.Output[str]  # as CloudWatch calls it
    targets_name: pulumi.Output[str]
    listener: lb.Listener

    def __init__(
        self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:LoadBalancer", name, None, opts)
        self._logical, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._security_group()
        balancer = lb.LoadBalancer(
            name,
            load_balancer_type="application",
            internal=False,
            subnets=list(args.subnet_ids),
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            # The application lets go after 75 s: who lets go first must be the one that asks.
            idle_timeout=60,
            enable_deletion_protection=args.deletion_protection,
            opts=self._child,
        )
        targets = self._target_group()
        self.listener = self._listen(balancer, targets)
        self.dns_name, self.security_group_id = balancer.dns_name, group.id
        self.target_group_arn = targets.arn
        self.name, self.targets_name = balancer.arn_suffix, targets.arn_suffix
        self.register_outputs({"dnsName": self.dns_name})

    def _security_group(self) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._args.name}-balancer",
            vpc_id=self._args.vpc_id,
            description="Browsers in, web application out",
            ingress=[
                ec2.SecurityGroupIngressArgs(
                    description=meaning,
                    protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_blocks=["0.0.0.0/0"],
                )
                for port, meaning in ((_HTTPS, "HTTPS"), (_HTTP, "redirected to HTTPS"))
            ],
            egress=[
                ec2.SecurityGroupEgressArgs(
                    description="web application",
                    protocol="tcp",
                    from_port=PORT,
                    to_port=PORT,
                    cidr_blocks=["0.0.0.0/0"],
                )
            ],
            opts=self._child,
        )

    def _target_group(self) -> lb.TargetGroup:
        return lb.TargetGroup(
            self._logical,
            target_type="ip",
            port=PORT,
            protocol="HTTP",
            vpc_id=self._args.vpc_id,
            deregistration_delay=30,
            health_check=lb.TargetGroupHealthCheckArgs(
                path="/livez", matcher="200", interval=15, timeout=5, unhealthy_threshold=3
            ),
            opts=self._child,
        )

    def _listen(self, balancer: lb.LoadBalancer, targets: lb.TargetGroup) -> lb.Listener:
        lb.Listener(
            f"{self._logical}-http",
            load_balancer_arn=balancer.arn,
            port=_HTTP,
            protocol="HTTP",
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port=str(_HTTPS), status_code="HTTP_301"
                    ),
                )
            ],
            opts=self._child,
        )
        return lb.Listener(
            f"{self._logical}-https",
            load_balancer_arn=balancer.arn,
            port=_HTTPS,
            protocol="HTTPS",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificate_arn=self._args.certificate_arn,
            default_actions=[
                lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)
            ],
            opts=self._child,
        )
