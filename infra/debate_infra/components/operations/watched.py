"""The parts of a web application by the names that CloudWatch has for them."""

from dataclasses import dataclass

import pulumi

from debate_infra.documents.dashboard import Site


@dataclass(frozen=True)
class WatchedSite:
    """What is watched of a site."""

    balancer: pulumi.Output[str]
    targets: pulumi.Output[str]
    database: pulumi.Output[str]
    dead_letters: pulumi.Output[str]

    def names(self) -> pulumi.Output[Site]:
        """The same, when all of it is known."""
        known = pulumi.Output.all(
            balancer=self.balancer,
            targets=self.targets,
            database=self.database,
            dead_letters=self.dead_letters,
        )
        return known.apply(lambda names: Site(**names))
