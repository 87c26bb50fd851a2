"""The program under Pulumi's mocks: what it registers is recorded, nothing is created."""

import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockMonitor

PROJECT, STACK = "debate-analyzer", "test"
INFRA = Path(__file__).parents[1]
# Pulumi marks a value as secret by wrapping it in an object with this signature.
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """One registered resource: its type token, logical name and resolved inputs."""

    kind: str
    name: str
    inputs: dict[str, Any]
    provider: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def json(self, key: str) -> Any:
        return json.loads(self.inputs[key])


@dataclass(frozen=True)
class Region:
    """What an account is told about the region it works in."""

    zones: tuple[str, ...] = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
    lacks: tuple[str, ...] = ()  # types of machines
    partition: str = "aws"


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers like AWS would: every resource gets an id, an ARN and the names it computes."""

    region: Region = field(default_factory=Region)
    resources: list[Recorded] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)  # of the resource that is being made

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = dict(args.inputs)
        made = Recorded(args.typ, args.name, inputs, args.provider, self.options)
        self.resources.append(made)
        kind = args.typ.split("/")[-1].split(":")[-1]
        arn = f"arn:{self.region.partition}:{kind}:{args.name}"
        computed = {
            "arn": arn,
            "arnPrefix": arn,
            "arnWithoutRevision": arn,
            "name": args.name,
            "repositoryUrl": f"registry.example/{args.name}",
            "latestVersion": 7,
            "address": "db.internal",
            "dnsName": "balancer.example",
            "arnSuffix": f"{kind}/{args.name}/0123",
            "identifier": args.name,
            "url": f"https://{kind}.example/{args.name}",
            "result": "random-text",
            "masterUserSecrets": [{"secretArn": "arn:aws:secretsmanager:rds!db-1"}],
        }
        return f"{args.name}-id", computed | dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        if args.token.endswith(":getPartition"):
            return {"partition": self.region.partition}
        if args.token.endswith(":getAvailabilityZones"):
            # Zones that somebody has to opt into, and local ones, are never wanted.
            asked = {one["name"]: one["values"] for one in args.args["filters"]}
            assert asked["opt-in-status"] == ["opt-in-not-required"]
            assert asked["zone-type"] == ["availability-zone"]
            return {"names": list(self.region.zones)}
        if args.token.endswith(":getInstanceTypeOfferings"):
            (asked,) = args.args["filters"]
            offered = [kind for kind in asked["values"] if kind not in self.region.lacks]
            return {"instanceTypes": offered}
        raise AssertionError(f"nobody is asked {args.token}")


class OptionsMonitor(MockMonitor):
    """Tells the recorder what Pulumi's mocks keep from it: how a resource is guarded, replaced."""

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - Pulumi's name
        self.mocks.options = {
            "protect": request.protect,
            "replace_on_changes": [*request.replaceOnChanges],
            "delete_before_replace": request.deleteBeforeReplace,
        }
        return super().RegisterResource(request)


@dataclass(frozen=True)
class Program:
    """A whole run: its resources and the stack's outputs."""

    resources: list[Recorded]
    outputs: dict[str, Any]

    @property
    def on_aws(self) -> list[Recorded]:
        return [resource for resource in self.resources if resource.kind.startswith("aws:")]

    def all(self, kind: str) -> list[Recorded]:
        """Resources of a type, named as in Python (`batch.JobQueue`), by their names.

        Pulumi registers what does not depend on each other in any order.
        """
        module, name = kind.split(".")
        found = [
            resource
            for resource in self.resources
            if resource.kind.startswith(f"aws:{module}/") and resource.kind.endswith(f":{name}")
        ]
        return sorted(found, key=lambda resource: resource.name)

    def one(self, kind: str, name: str = "") -> Recorded:
        """The only resource of a type whose name is the text, or contains it."""
        found = [r for r in self.all(kind) if name in r.name]
        found = [r for r in found if r.name == name] or found
        assert len(found) == 1, f"{kind} {name}: {[r.name for r in found]}"
        return found[0]

    def machines_of(self, queue: str) -> dict[str, Any]:
        """What kinds and how many machines stand behind a queue."""
        environment = self.one("batch.ComputeEnvironment", f"debate-analyzer-{queue}")
        machines: dict[str, Any] = environment.inputs["computeResources"]
        return machines


def unwrap(value: Any) -> Any:
    """A value without its mark of secrecy."""
    return value["value"] if is_secret(value) else value


def is_secret(value: Any) -> bool:
    return isinstance(value, dict) and SECRET.items() <= value.items()


def configure(config: Config, secrets: tuple[str, ...] = ()) -> None:
    """Make this the stack's configuration (process-wide, as Pulumi keeps it)."""
    text = {
        key if ":" in key else f"{PROJECT}:{key}": value
        if isinstance(value, str)
        else json.dumps(value)
        for key, value in config.items()
    }
    pulumi.runtime.set_all_config(text, [f"{PROJECT}:{key}" for key in secrets])


def start_recording(region: Region = Region()) -> Recorder:
    """Put Pulumi's runtime on mocks, with nothing left of the run before."""
    made = Recorder(region)
    monitor = OptionsMonitor(made)
    pulumi.runtime.set_mocks(made, PROJECT, STACK, preview=False, monitor=monitor)
    root().outputs.clear()
    configure({})
    return made


def root() -> Any:
    """The stack itself; Pulumi keeps one per process."""
    return pulumi.runtime.get_root_resource()


def run_and_wait(body: Callable[[], Any]) -> None:
    """Run a function that registers resources until every output is resolved."""

    def discard_result() -> None:
        body()

    pulumi.runtime.test(discard_result)()


@cache
def run_main(config: str, secrets: tuple[str, ...], region: Region) -> Program:
    """Run `__main__.py` as `pulumi up` would; the same configuration is run once."""
    recorder = start_recording(region)
    configure(json.loads(config), secrets)
    outputs: dict[str, Any] = {}

    def main() -> None:
        runpy.run_path(str(INFRA / "__main__.py"), run_name="__main__")
        pulumi.Output.all(**root().outputs).apply(outputs.update)

    run_and_wait(main)
    return Program(recorder.resources, outputs)


@pytest.fixture(autouse=True)
def no_region_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)


@pytest.fixture
def recorder() -> Recorder:
    return start_recording()


@pytest.fixture
def record(recorder: Recorder) -> Callable[[Callable[[], Any]], list[Recorded]]:
    """Run a function that registers resources; give what it registered, all outputs resolved."""

    def run(body: Callable[[], Any]) -> list[Recorded]:
        run_and_wait(body)
        return recorder.resources

    return run


@pytest.fixture
def run_program() -> Callable[..., Program]:
    """The whole program with this configuration; a token in it is secret."""

    def run(config: Config | None = None, region: Region = Region()) -> Program:
        return run_main(json.dumps(dict(config or {})), ("hfToken",), region)

    return run
