"""The forms that a stack can take: what it is told in each."""

from typing import Any

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
WEBAPP = {
    "withWebapp": True,
    "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c",
    "webappDomain": "debates.example.org",
}
EXISTING = {"vpcId": "vpc-1", "subnetIds": ["subnet-a", "subnet-b"]}
FORMS: dict[str, dict[str, Any]] = {
    "default": {},
    "spot off": {"useSpot": False},
    "CPU on EC2": {"cpuInstanceTypes": ["c5.xlarge", "m5.large"]},
    "existing VPC": EXISTING,
    "with webapp": WEBAPP,
    "webapp in existing VPC": WEBAPP | EXISTING | {"privateSubnetIds": ["subnet-c", "subnet-d"]},
    "with GitHub": {"githubRepository": "owner/debates"},
    "with Athena": {"withAthena": True},
    "webapp and Athena": WEBAPP | {"withAthena": True},
    "webapp and Athena in existing VPC": WEBAPP | EXISTING | {"withAthena": True},
    "with alarms": {"alarmEmail": "desk@example.org"},
    "with token": {"hfToken": "hf_example"},
    "token elsewhere": {"hfTokenSecretArn": ARN},
    "cookies by ARN": {"ytCookiesSecretArn": ARN},
    "cookies on S3": {"ytCookiesS3Uri": "s3://private-bucket/cookies.txt"},
    "cookies by hand": {"withYoutubeCookies": True},
}
TELLING = {
    "webhookUrl": "https://hooks.example.org/debates",
    "webhookSecret": "sixteen letters.",
    "smtpUrl": "smtps://desk:password@mail.example.org",
    "mailFrom": "debates@example.org",
    "mailTo": "desk@example.org",
}
EVERYTHING = (
    WEBAPP
    | {"withAthena": True, "githubRepository": "owner/debates", "alarmEmail": "desk@example.org"}
    | {"hfToken": "hf_example"}
    | TELLING
)
FORMS["everything"] = EVERYTHING
