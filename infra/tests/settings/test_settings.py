"""The stack's configuration: defaults, spellings, and one sentence for each mistake."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Recorder, configure
from debate_infra.settings import stack as settings
from debate_infra.settings.errors import SettingError
from debate_infra.settings.stack import Settings

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
COOKIES = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tSID\tvalue\n"
Load = Callable[..., Settings]


@pytest.fixture
def load(recorder: Recorder) -> Load:
    def run(secrets: tuple[str, ...] = (), **config: Any) -> Settings:
        configure(config, secrets)
        return settings.load()

    return run


def test_an_empty_configuration_has_every_default_of_the_readme(load: Load) -> None:
    found = load()

    assert (found.name, found.region) == ("debate-analyzer", "eu-central-1")
    assert found.gpu.instance_types == ("g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6e.xlarge")
    assert (found.gpu.min_vcpus, found.gpu.max_vcpus, found.gpu.spot) == (0, 256, True)
    assert (found.cpu.instance_types, found.cpu.max_vcpus) == ((), 64)
    assert found.network.zones == ()
    assert found.log_retention_days == 90
    assert (found.github, found.webapp, found.alarm_email) == (None, None, None)


def test_settings_cannot_be_changed_once_read(load: Load) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load().name = "other"  # type: ignore[misc]


def test_the_region_comes_from_pulumi_then_from_the_environment(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert load().region == "eu-west-1"
    assert load(**{"aws:region": "us-east-1"}).region == "us-east-1"


@pytest.mark.parametrize("text", ['["g5.xlarge", "g6.xlarge"]', "g5.xlarge, g6.xlarge"])
def test_a_list_may_be_json_or_words_between_commas(load: Load, text: str) -> None:
    assert load(gpuInstanceTypes=text).gpu.instance_types == ("g5.xlarge", "g6.xlarge")


def test_image_tags_are_the_versions_of_this_checkout(load: Load) -> None:
    tags = load().image_tags

    assert set(tags) == {"downloader", "transcriber", "stats", "webapp"}
    for service, tag in tags.items():
        assert tag.startswith(f"{service}-v")


def test_one_tag_may_serve_all_images_and_a_service_may_differ(load: Load) -> None:
    tags = load(imageTag="1.0.0", imageTags={"stats": "1.0.1"}).image_tags

    assert tags == {
        "downloader": "1.0.0",
        "transcriber": "1.0.0",
        "stats": "1.0.1",
        "webapp": "1.0.0",
    }


def test_the_web_applications_own_address_is_an_allowed_origin(load: Load) -> None:
    found = load(
        withWebapp=True, certificateArn="arn:aws:acm:c", webappDomain="debates.example.org"
    )

    assert found.web_origins[0] == "https://debates.example.org"


@pytest.mark.parametrize("path", [Path("cookies.txt"), Path("nested") / "c.txt"])
def test_a_cookies_file_may_be_named_by_an_absolute_path(
    load: Load, tmp_path: Path, path: Path
) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(COOKIES)

    found = load(ytCookiesFile=str(file))

    assert found.secrets.with_cookies
    assert found.secrets.cookies is not None


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"webOrigins": ["*"]}, "webOrigins: '*' is not an origin"),
        ({"webOrigins": ["https://*.example.org"]}, "webOrigins: 'https://*.example.org' is not"),
        ({"webOrigins": ["https://a.example/"]}, "webOrigins: 'https://a.example/' is not"),
        ({"gpuInstanceTypes": ["g5.tiny"]}, "gpuInstanceTypes: 'g5.tiny' is not supported"),
        ({"gpuInstanceTypes": ["c5.xlarge"]}, "gpuInstanceTypes: 'c5.xlarge' is not supported"),
        ({"gpuInstanceTypes": []}, "gpuInstanceTypes: name at least one type"),
        ({"gpuInstanceTypes": '["g5'}, "gpuInstanceTypes: '[\"g5' is not valid JSON"),
        ({"gpuInstanceTypes": [4]}, "gpuInstanceTypes: '[4]' is not a list of texts"),
        ({"cpuInstanceTypes": ["t2.micro"]}, "cpuInstanceTypes: 't2.micro' is not supported"),
        ({"gpuMaxVcpus": 2}, "gpuInstanceTypes: g4dn.xlarge has more vCPUs than the 2"),
        ({"gpuMaxVcpus": "many"}, "gpuMaxVcpus: 'many' is not a whole number"),
        ({"gpuMinVcpus": 300}, "gpuMinVcpus: 300 is not between 0 and 256"),
        ({"cpuMinVcpus": 4}, "cpuMinVcpus: Fargate always starts from 0"),
        ({"useSpot": "yes"}, "useSpot: 'yes' is neither true nor false"),
        ({"vpcId": "vpc-1"}, "vpcId: give vpcId and subnetIds together"),
        ({"subnetIds": ["subnet-1"]}, "vpcId: give vpcId and subnetIds together"),
        ({"availabilityZones": ["eu-central-1a"]}, "availabilityZones: name at least two"),
        ({"availabilityZones": ["us-east-1a", "us-east-1b"]}, "availabilityZones: name at least"),
        ({"logRetentionDays": 100}, "logRetentionDays: CloudWatch knows only 1, 3, 5"),
        ({"alarmEmail": "nobody"}, "alarmEmail: 'nobody' is not an e-mail address"),
        ({"githubRepository": "repo"}, "githubRepository: 'repo' is not an owner/name pair"),
        ({"githubRepository": "owner/*"}, "githubRepository: 'owner/*' is not an owner/name"),
        ({"withWebapp": True}, "certificateArn: withWebapp needs an ACM certificate"),
        (
            {"withWebapp": True, "certificateArn": "arn:aws:acm:c"},
            "webappDomain: withWebapp needs the name that the certificate is for",
        ),
        (
            {
                "withWebapp": True,
                "certificateArn": "arn:aws:acm:c",
                "webappDomain": "debates.example.org",
                "vpcId": "vpc-1",
                "subnetIds": "subnet-1",
            },
            "subnetIds: load balancer and database want subnets in two zones",
        ),
        (
            {
                "withWebapp": True,
                "certificateArn": "arn:aws:acm:c",
                "webappDomain": "debates.example.org",
                "vpcId": "vpc-1",
                "subnetIds": "subnet-1,subnet-2",
                "privateSubnetIds": "subnet-3",
            },
            "privateSubnetIds: load balancer and database want subnets in two zones",
        ),
        ({"namePrefix": "Debate"}, "namePrefix: 'Debate' is not 3 to 30 small letters"),
        ({"modelsPrefix": "s3://x/y"}, "modelsPrefix: 's3://x/y' is not a path in the image"),
        ({"imageTags": {"web": "1"}}, "imageTags: 'web' is none of downloader"),
        ({"imageTags": ["1"]}, "imageTags: '[\"1\"]' is not a table of texts"),
        ({"hfTokenSecretArn": "hf_abc"}, "hfTokenSecretArn: 'hf_abc' is not the ARN"),
        ({"hfToken": "x", "hfTokenSecretArn": ARN}, "hfToken: give only one of hfToken and"),
        ({"ytCookiesFile": "/nowhere/c.txt"}, "ytCookiesFile: cannot read /nowhere/c.txt"),
        ({"ytCookiesFile": "/x", "ytCookiesSecretArn": ARN}, "ytCookiesFile: give only one of"),
        ({"ytCookiesS3Uri": "s3://b/"}, "ytCookiesS3Uri: 's3://b/' is not one S3 object"),
        ({"ytCookiesS3Uri": "s3://b/*"}, "ytCookiesS3Uri: 's3://b/*' is not one S3 object"),
        (
            {"ytCookiesSecretArn": ARN, "withYoutubeCookies": True},
            "withYoutubeCookies: makes a new secret",
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_work_is_refused_by_name(
    load: Load, config: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingError) as refusal:
        load(**config)

    assert str(refusal.value).startswith(sentence)


def test_a_browsers_export_is_no_cookies_file_and_its_content_is_not_repeated(
    load: Load, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.json"
    file.write_text('[{"name": "SID", "value": "very-secret"}]')

    with pytest.raises(SettingError) as refusal:
        load(ytCookiesFile=str(file))

    assert "make cookies" in str(refusal.value)
    assert "very-secret" not in str(refusal.value)


def test_a_cookies_file_too_long_for_a_secret_is_refused(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES * 1200)

    with pytest.raises(SettingError, match="over 65536 bytes"):
        load(ytCookiesFile=str(file))


def test_a_misspelt_key_is_pointed_out_with_the_right_one(load: Load) -> None:
    (warning,) = load(secrets=("hfToken",), hfToken="x", gpuInstanceType="g5.xlarge").warnings

    assert warning == (
        "gpuInstanceType: no such setting, so it does nothing; did you mean gpuInstanceTypes?"
    )


def test_a_token_set_in_clear_is_warned_about_without_repeating_it(load: Load) -> None:
    (warning,) = load(hfToken="hf_plain").warnings

    assert warning.startswith("hfToken: stored in clear")
    assert "hf_plain" not in warning


def test_no_token_and_one_set_as_secret_or_kept_elsewhere_need_no_warning(load: Load) -> None:
    assert load().warnings == ()
    assert load(secrets=("hfToken",), hfToken="x").warnings == ()
    assert load(hfTokenSecretArn=ARN).warnings == ()


def test_a_checkout_without_a_service_says_how_to_name_its_image(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"imageTags: no version of downloader .* imageTags\.d"):
        settings.read_tags({}, tmp_path)
