"""What the command line and the web pages learn of the stack (README.md, "Outputs")."""

from typing import Any

from debate_infra.assembly.ground import Ground
from debate_infra.assembly.site import Site
from debate_infra.assembly.work import Work
from debate_infra.components.dataset.dataset import Dataset
from debate_infra.components.foundation.github import Github
from debate_infra.settings.stack import Settings

Outputs = dict[str, Any]


def describe(
    settings: Settings,
    ground: Ground,
    work: Work,
    github: Github | None,
    site: Site | None,
    dataset: Dataset | None,
) -> Outputs:
    """Return the outputs of all parts; of those that are not wanted there are none."""
    outputs = _places(settings, ground) | work.outputs
    if github:
        outputs |= {"githubRoleArn": github.role_arn, "previewRoleArn": github.preview_role_arn}
    if site:
        outputs |= {"webappUrl": site.web.url, "certificateArn": site.asked.certificate_arn}
    if dataset:
        outputs["athena"] = {"database": dataset.database, "workgroup": dataset.workgroup}
    return outputs


def _places(settings: Settings, ground: Ground) -> Outputs:
    weights = ground.storage.bucket.apply(lambda bucket: f"s3://{bucket}/models")
    token, cookies = ground.credentials.hf_token_arn, ground.credentials.cookies_arn
    return {
        "bucket": ground.storage.bucket,
        "region": settings.region,
        "repositories": ground.registry.urls,
        "images": dict(settings.image_tags),
        "modelsPrefix": settings.models_prefix or weights,
        "secrets": {"hfToken": token, "youtubeCookies": cookies},
    }
