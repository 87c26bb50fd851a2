"""Jobs that ended, told to the site: it registers what they made, and says why others failed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, sqs

from debate_infra.components.foundation.roles import service_role
from debate_infra.documents import events, policies, resource_policies
from debate_infra.documents.rendering import as_json

# What the site can take; a list of ten thousand is told within a quarter of an hour.
_PER_SECOND = 10
# "Retry policy" in the EventBridge user guide: a day and 185 tries are the most. A site that is
# away for longer finds the rest in the queue of dead letters.
_RETRY_SECONDS, _TRIES = 24 * 3600, 185
_KEPT_SECONDS = 14 * 24 * 3600
HEADER = "X-Event-Key"


@dataclass(frozen=True)
class ArrivalsArgs:
    """What telling the site depends on; `definition_arns` are those of what ends a debate."""

    name: str
    url: str
    key: pulumi.Input[str]
    queue_arns: Sequence[pulumi.Input[str]]
    definition_arns: Sequence[pulumi.Input[str]]


class Arrivals(pulumi.ComponentResource):
    """Batch's events → the site's address, with a key; a queue for what it did not take."""

    dead_letters: sqs.Queue

    def __init__(
        self, name: str, args: ArrivalsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("debate:infra:Arrivals", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        self._full_name = f"{args.name}-arrivals"
        self.dead_letters = sqs.Queue(
            self._full_name,
            message_retention_seconds=_KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=self._child,
        )
        address = self._address()
        allowed = as_json(policies.call_address, address_arn=address.arn)
        role = service_role(f"{self._full_name}-rule", "events", allowed, self._child)
        queues, definitions = list(args.queue_arns), list(args.definition_arns)
        rules = {
            "finished": as_json(events.finished_debates, definition_arns=definitions),
            "failed": as_json(events.failed_jobs, queue_arns=queues),
        }
        made = [self._rule(kind, pattern, address, role.arn) for kind, pattern in rules.items()]
        self._admit([rule.arn for rule in made])
        self.register_outputs({"deadLetters": self.dead_letters.id})

    def _address(self) -> cloudwatch.EventApiDestination:
        key = cloudwatch.EventConnectionAuthParametersApiKeyArgs(key=HEADER, value=self._args.key)
        connection = cloudwatch.EventConnection(
            self._full_name,
            authorization_type="API_KEY",
            auth_parameters=cloudwatch.EventConnectionAuthParametersArgs(api_key=key),
            opts=self._child,
        )
        return cloudwatch.EventApiDestination(
            self._full_name,
            connection_arn=connection.arn,
            invocation_endpoint=f"{self._args.url}/events/batch",
            http_method="POST",
            invocation_rate_limit_per_second=_PER_SECOND,
            opts=self._child,
        )

    def _rule(
        self,
        kind: str,
        pattern: pulumi.Output[str],
        address: cloudwatch.EventApiDestination,
        role_arn: pulumi.Output[str],
    ) -> cloudwatch.EventRule:
        name = f"{self._full_name}-{kind}"
        rule = cloudwatch.EventRule(name, event_pattern=pattern, opts=self._child)
        cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=address.arn,
            role_arn=role_arn,
            retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=_RETRY_SECONDS, maximum_retry_attempts=_TRIES
            ),
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=self.dead_letters.arn
            ),
            opts=self._child,
        )
        return rule

    def _admit(self, rule_arns: list[pulumi.Output[str]]) -> None:
        policy = as_json(
            resource_policies.sent_by_rules, queue_arn=self.dead_letters.arn, rule_arns=rule_arns
        )
        sqs.QueuePolicy(
            self._full_name, queue_url=self.dead_letters.id, policy=policy, opts=self._child
        )
