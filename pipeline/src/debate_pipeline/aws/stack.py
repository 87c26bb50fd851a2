"""What `pulumi up` has made: the outputs of infra/, from a file or from Pulumi itself."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debate_contract.errors import TemporaryFault, UsageFault

PULUMI_TIMEOUT = 60  # seconds; it asks its service, or a bucket, for the stack's state
REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d")
DEFINITIONS = ("download", "transcribe", "stats", "pipeline")
INSTEAD = "BACKEND=local runs jobs on this machine"


@dataclass(frozen=True)
class Stack:
    """The names that a submission needs. `definitions` has one per stage, and `pipeline`."""

    bucket: str
    region: str
    queues: Mapping[str, str]  # cpu, gpu, small, urgent-cpu, urgent-gpu
    definitions: Mapping[str, str]
    log_group: str
    webapp_url: str | None = None
    repositories: Mapping[str, str] = field(default_factory=dict)  # by service
    images: Mapping[str, str] = field(default_factory=dict)  # the tag that each runs under
    secrets: Mapping[str, str | None] = field(default_factory=dict)
    models_prefix: str = ""
    certificate_arn: str = ""
    shared: frozenset[str] = frozenset()  # kinds of queues that want to know whose share a job is

    @property
    def jobs_prefix(self) -> str:
        """Where the folders of all jobs lie."""
        return f"s3://{self.bucket}/jobs"


def find_stack(env: Mapping[str, str], checkout: Path | None, required: bool) -> Stack | None:
    """Return the stack that `DEBATE_STACK_OUTPUTS` names, else the one selected in the checkout.

    It is a file with the outputs, or has them itself, as a container is given them. None when there
    is none and none is required. Pulumi is only started where a stack is selected, so that work on
    this machine does not wait for it.
    """
    if given := env.get("DEBATE_STACK_OUTPUTS"):
        if given.lstrip().startswith("{"):
            return parse_outputs(given, "DEBATE_STACK_OUTPUTS")
        return parse_outputs(_read_file(given), given)
    if checkout and shutil.which("pulumi", path=env.get("PATH")):
        if required or _is_selected(env, checkout):
            return parse_outputs(_ask_pulumi(env, checkout), "pulumi stack output")
    elif required:
        raise UsageFault(
            "there is no stack: run `make up` and `pulumi stack select`, or name a file with the "
            f"output of `pulumi stack output --json` in DEBATE_STACK_OUTPUTS; {INSTEAD}"
        )
    return None


def _read_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise UsageFault(f"DEBATE_STACK_OUTPUTS={path} cannot be read; {INSTEAD}") from cause


def _is_selected(env: Mapping[str, str], checkout: Path) -> bool:
    """Tell whether `pulumi stack select` was done here; Pulumi notes it under its home folder."""
    if env.get("PULUMI_STACK"):
        return True
    project = checkout / "Pulumi.yaml"
    digest = hashlib.sha1(str(project).encode(), usedforsecurity=False).hexdigest()
    home = Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return any(
        '"stack"' in path.read_text("utf-8") for path in home.glob(f"workspaces/*-{digest}-*")
    )


def _ask_pulumi(env: Mapping[str, str], checkout: Path) -> str:
    command = ["pulumi", "stack", "output", "--json", "--non-interactive"]
    try:
        answer = subprocess.run(
            command,
            cwd=checkout,
            env=dict(env),
            capture_output=True,
            text=True,
            timeout=PULUMI_TIMEOUT,
            check=True,
        )
    except subprocess.TimeoutExpired as cause:
        raise TemporaryFault(f"`pulumi stack output` did not answer; {INSTEAD}") from cause
    except subprocess.CalledProcessError as cause:
        said = cause.stderr.strip().splitlines() or ["it said nothing"]
        raise UsageFault(f"`pulumi stack output` failed: {said[-1]}; {INSTEAD}") from cause
    return answer.stdout


def parse_outputs(text: str, origin: str) -> Stack:
    """Return the stack in a JSON document of outputs; `origin` is named when it lacks something."""
    try:
        stack = _stack_of(json.loads(text))
    except KeyError as cause:
        raise UsageFault(
            f"{origin} has no output {cause}; run `make up` for this version"
        ) from cause
    except (ValueError, TypeError, AttributeError) as cause:
        raise UsageFault(f"{origin} is not the JSON of `pulumi stack output --json`") from cause
    if not REGION.fullmatch(stack.region):
        raise UsageFault(f"{origin} names the region '{stack.region}', which is none of AWS's")
    return stack


def _stack_of(outputs: dict[str, Any]) -> Stack:
    return Stack(
        bucket=outputs["bucket"],
        region=outputs["region"],
        queues=_queues(outputs["queues"]),
        definitions={name: outputs["jobDefinitions"][name] for name in DEFINITIONS},
        log_group=outputs["logGroup"],
        webapp_url=outputs.get("webappUrl"),
        repositories=outputs.get("repositories", {}),
        images=outputs.get("images", {}),
        secrets=outputs.get("secrets", {}),
        models_prefix=outputs.get("modelsPrefix", ""),
        certificate_arn=outputs.get("certificateArn", ""),
        shared=frozenset(outputs.get("sharedQueues", ())),
    )


def _queues(outputs: Mapping[str, str]) -> dict[str, str]:
    """The queues by kind; older stacks have none for what takes a minute or is urgent."""
    least = {"cpu": outputs["cpu"], "gpu": outputs["gpu"], "small": outputs["cpu"]}
    return least | dict(outputs)
