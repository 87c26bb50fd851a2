"""What the account's region has: its partition, its zones, the machines it offers.

Asked for, since no rule gives it: us-west-1 has no zone a for some accounts, GovCloud and China
name things otherwise, and a type is sold in some regions only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from debate_infra.settings.errors import SettingError
from debate_infra.settings.fleets import FleetSettings
from debate_infra.settings.stack import NetworkSettings


@dataclass(frozen=True)
class Account:
    """Where the stack is made."""

    partition: str  # aws, aws-us-gov, aws-cn
    region: str
    options: pulumi.InvokeOptions


def look_at(region: str, provider: aws.Provider) -> Account:
    """Return the account that the provider works in."""
    options = pulumi.InvokeOptions(provider=provider)
    return Account(aws.get_partition(opts=options).partition, region, options)


def choose_zones(account: Account, settings: NetworkSettings) -> tuple[str, ...]:
    """Return the zones that are named, else every one that needs no consent; none in a given VPC.

    More zones are more places where Spot may have a machine.

    Raises:
        SettingError: the region has fewer than two.

    """
    if settings.zones or settings.vpc_id:
        return settings.zones
    wanted = [
        aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"]),
        aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"]),
    ]
    found = aws.get_availability_zones(filters=wanted, state="available", opts=account.options)
    if len(found.names) < 2:
        raise SettingError("availabilityZones", f"{account.region} has no two zones for you")
    return tuple(sorted(found.names))


def choose_types(account: Account, key: str, fleet: FleetSettings) -> tuple[str, ...]:
    """Return the fleet's types; of those that are only our proposal, the ones on offer.

    Raises:
        SettingError: the region does not offer a type that is named, or none of our proposal.

    """
    offered = _offered(account, fleet.instance_types)
    missing = [kind for kind in fleet.instance_types if kind not in offered]
    if missing and not (fleet.where_offered and offered):
        raise SettingError(key, f"{account.region} does not offer {', '.join(missing)}")
    return tuple(kind for kind in fleet.instance_types if kind in offered)


def _offered(account: Account, types: Sequence[str]) -> set[str]:
    if not types:
        return set()
    wanted = aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=[*types])
    found = aws.ec2.get_instance_type_offerings(
        filters=[wanted], location_type="region", opts=account.options
    )
    return set(found.instance_types)
