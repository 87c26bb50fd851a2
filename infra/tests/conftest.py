"""The program under Pulumi's mocks: what it registers is recorded, nothing is created."""

import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest

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

    def json(self, key: str) -> Any:
        return json.loads(self.inputs[key])


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers like AWS would: every resource gets an id, an ARN and the names it computes."""

    resources: list[Recorded] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(Recorded(args.typ, args.name, dict(args.inputs)))
        kind = args.typ.split("/")[-1].split(":")[-1]
        computed = {
            "arn": f"arn:aws:{kind}:{args.name}",
            "name": args.name,
            "bucket": args.name,
            "repositoryUrl": f"registry.example/{args.name}",
            "latestVersion": 7,
            "address": "db.internal",
            "dnsName": "balancer.example",
            "allocationId": "eipalloc-1",
            "result": "random-text",
            "masterUserSecrets": [{"secretArn": "arn:aws:secretsmanager:rds!db-1"}],
        }
        return f"{args.name}-id", computed | dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"the program asks AWS nothing, but called {args.token}")


@dataclass(frozen=True)
class Program:
    """A whole run: the resources in order of registration and the stack's outputs."""

    resources: list[Recorded]
    outputs: dict[str, Any]

    @property
    def on_aws(self) -> list[Recorded]:
        return [resource for resource in self.resources if resource.kind.startswith("aws:")]

    def all(self, kind: str) -> list[Recorded]:
        """Resources of a type, named as in Python (`batch.JobQueue`)."""
        module, name = kind.split(".")
        return [
            r
            for r in self.resources
            if r.kind.startswith(f"aws:{module}/") and r.kind.endswith(f":{name}")
        ]

    def one(self, kind: str, name: str = "") -> Recorded:
        """The only resource of a type whose name contains the text."""
        found = [r for r in self.all(kind) if name in r.name]
        assert len(found) == 1, f"{kind} {name}: {[r.name for r in found]}"
        return found[0]


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


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.delenv("AWS_REGION", raising=False)
    made = Recorder()
    pulumi.runtime.set_mocks(made, project=PROJECT, stack=STACK, preview=False)
    configure({})
    return made


@pytest.fixture
def record(recorder: Recorder) -> Callable[[Callable[[], Any]], list[Recorded]]:
    """Run a function that registers resources; give what it registered, all outputs resolved."""

    def run(body: Callable[[], Any]) -> list[Recorded]:
        def discard_result() -> None:
            body()

        pulumi.runtime.test(discard_result)()
        return recorder.resources

    return run


@pytest.fixture
def run_program(
    recorder: Recorder, record: Callable[..., list[Recorded]]
) -> Callable[..., Program]:
    """Run `__main__.py` as `pulumi up` would, with this configuration."""

    def run(config: Config | None = None, secrets: tuple[str, ...] = ("hfToken",)) -> Program:
        configure({"hfToken": "hf_example"} | dict(config or {}), secrets)
        resources = record(lambda: runpy.run_path(str(INFRA / "__main__.py"), run_name="__main__"))
        root = pulumi.runtime.get_root_resource()
        assert root is not None
        outputs: dict[str, Any] = {}
        record(lambda: pulumi.Output.all(**root.outputs).apply(outputs.update))
        return Program(resources, outputs)

    return run
