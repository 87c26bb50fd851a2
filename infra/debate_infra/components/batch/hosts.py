"""What every EC2 machine that Batch starts has in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, iam

from debate_infra.components.foundation.roles import service_role
from debate_infra.components.foundation.storage import Storage
from debate_infra.documents import policies
from debate_infra.documents.host_boot import user_data
from debate_infra.documents.rendering import as_json

# Amazon Linux 2023, the images Batch uses, keeps its root file system on this device.
_ROOT_DEVICE = "/dev/xvda"
# A CUDA image with model weights, a long recording and its decoded sound.
_DISK_GIB = 150
# Reading the image and the weights is what a job waits for first; gp3 gives 125 without asking.
_DISK_MIB_PER_SECOND = 500
_ECS_AGENT = "iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"


@dataclass(frozen=True)
class HostsArgs:
    """What the machines depend on; `tags` are for the bill."""

    name: str
    region: str
    storage: Storage
    tags: Mapping[str, str]
    partition: str = "aws"


class Hosts(pulumi.ComponentResource):
    """Launch template and instance profile."""

    profile_arn: pulumi.Output[str]
    launch_template_id: pulumi.Output[str]
    launch_template_version: pulumi.Output[str]

    def __init__(
        self, name: str, args: HostsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Hosts", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        allowed = as_json(policies.fetch_models, bucket_arn=args.storage.arn)
        role = service_role(f"{args.name}-host", "ec2", allowed, child, args.partition)
        agent = iam.RolePolicyAttachment(
            f"{name}-agent",
            role=role.name,
            policy_arn=f"arn:{args.partition}:{_ECS_AGENT}",
            opts=child,
        )
        # Without the policy a machine never joins its cluster, so nothing may start before.
        ready = pulumi.ResourceOptions(parent=self, depends_on=[agent])
        profile = iam.InstanceProfile(f"{args.name}-host", role=role.name, opts=ready)
        template = self._launch_template(args, child)
        self.profile_arn = profile.arn
        self.launch_template_id = template.id
        # Batch reads a template once, at this version; `$Latest` would hide a change from it.
        self.launch_template_version = template.latest_version.apply(str)
        self.register_outputs({"profileArn": self.profile_arn})

    def _launch_template(
        self, args: HostsArgs, child: pulumi.ResourceOptions
    ) -> ec2.LaunchTemplate:
        disk = ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_size=_DISK_GIB,
            volume_type="gp3",
            throughput=_DISK_MIB_PER_SECOND,
            encrypted="true",
            delete_on_termination="true",
        )
        return ec2.LaunchTemplate(
            f"{args.name}-host",
            user_data=args.storage.bucket.apply(lambda bucket: user_data(bucket, args.region)),
            update_default_version=True,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=_ROOT_DEVICE, ebs=disk)
            ],
            # Version 2 only; who may not ask at all is in the user data.
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind, tags={"Name": f"{args.name}-batch", **args.tags}
                )
                # The provider's default tags reach the template, not what is made of it.
                for kind in ("instance", "volume")
            ],
            opts=child,
        )
