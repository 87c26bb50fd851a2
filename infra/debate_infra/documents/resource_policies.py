"""Resource-based policies as plain data: whom a role, a bucket, a queue or a topic admits.

Every function takes resolved names and returns a policy document; `rendering.as_json` feeds them.
"""

from debate_infra.documents.policies import Document, document

GITHUB_ISSUER = "token.actions.githubusercontent.com"


def assumed_by_service(service: str, partition: str = "aws") -> Document:
    """Trust an AWS service (`ecs-tasks`, `ec2`, `events`).

    They are called alike everywhere, but for EC2 in China ("IAM roles for Amazon EC2" in the user
    guide of the China regions).
    """
    china = ".cn" if (service, partition) == ("ec2", "aws-cn") else ""
    principal = {"Service": f"{service}.amazonaws.com{china}"}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def assumed_by_github(provider_arn: str, repository: str, subject: str) -> Document:
    """Trust one repository's workflows of one subject (a branch, `pull_request`), nobody else's."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{GITHUB_ISSUER}:aud": "sts.amazonaws.com",
                    f"{GITHUB_ISSUER}:sub": f"repo:{repository}:{subject}",
                }
            },
        }
    )


def tls_only(bucket_arn: str) -> Document:
    """Refuse every request to the bucket that is not encrypted on its way."""
    return document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def sent_by_rules(queue_arn: str, rule_arns: list[str]) -> Document:
    """Let these EventBridge rules put into the queue what nobody took."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arns}},
        }
    )


def published_by(topic_arn: str, rule_arns: list[str]) -> Document:
    """Let these EventBridge rules publish to the topic, and the account's own alarms."""
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn}
    account = topic_arn.split(":")[4] if topic_arn.count(":") > 4 else ""
    return document(
        publish
        | {
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arns}},
        },
        publish
        | {
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
    )


def logged_by_events(log_group_arn: str, rule_arn: str) -> Document:
    """Let one EventBridge rule write to the log group."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{log_group_arn}:*",
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        }
    )
