"""Whether the images that the stack runs are there, and made of this checkout's files."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from debate_contract.storage import code_of
from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well


def look_at_images(stack: Stack, checkout: Path | None) -> Iterator[Finding]:
    """Find images that are missing or made of other files; without a checkout only the former."""
    ecr = client("ecr", stack.region)
    for service, tag in stack.images.items():
        repository = stack.repositories[service].partition("/")[2]
        yield judge(service, tag, _tags(ecr, repository, tag), content_of(checkout, service))


def judge(service: str, tag: str, tags: list[str] | None, content: str) -> Finding:
    """Return how an image stands that has these `tags`; None: there is none called `tag`."""
    if tags is None:
        return ill("image", f"{service}:{tag} is not there: `make images push`, or run images.yml")
    if content and content not in tags and tag.startswith(f"{service}-v"):
        return ill(
            "image",
            f"{service}:{tag} is made of other files than this checkout's: raise its version and "
            "push it, or go back to the commit that the stack is meant to run",
        )
    return well("image", f"{service}:{tag}")


def _tags(ecr: Any, repository: str, tag: str) -> list[str] | None:
    try:
        answer = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if code_of(error) in ("ImageNotFoundException", "RepositoryNotFoundException"):
            return None
        raise
    tags: list[str] = answer["imageDetails"][0].get("imageTags", [])
    return tags


def content_of(checkout: Path | None, service: str) -> str:
    """Return the tag of the service's files as they are here; nothing where that is unknown."""
    script = checkout / "scripts" / "content.sh" if checkout else None
    if script is None or not script.exists():
        return ""
    done = subprocess.run(
        [script, service], capture_output=True, text=True, timeout=60, check=False
    )
    return f"tree-{done.stdout.strip()}" if done.returncode == 0 else ""
