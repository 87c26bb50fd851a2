"""What AWS refuses or fails to do, as one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager

import botocore.exceptions as aws

from debate_pipeline.errors import PipelineError, TemporaryFault, UsageFault

SIGN_IN = "sign in (`aws sso login`, or `aws configure`) and run the command again"
THROTTLED = ("SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException")
# AWS's names for a refusal, and what it means.
REFUSALS = {
    (
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidGrantException",
        "RequestExpired",
    ): f"the AWS credentials have expired: {SIGN_IN}",
    (
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ): f"AWS does not know these credentials: {SIGN_IN}",
    (
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
    ): "these AWS credentials may not do that ({said}): use a profile that may",
    ("NoSuchBucket",): "the stack's bucket does not exist (any more): run `make up`",
    (
        "301",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "PermanentRedirect",
    ): "the stack's bucket is not in the region {region}: run `make up`",
}
SIGN_IN_FAULTS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.SSOError,
    aws.ProfileNotFound,
)


@contextmanager
def explained(region: str) -> Iterator[None]:
    """Turn what botocore raises meanwhile into our errors; `region` is named where it matters."""
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(error, region) from error
    except SIGN_IN_FAULTS as error:
        raise UsageFault(
            f"there are no usable AWS credentials ({_line(error)}): {SIGN_IN}"
        ) from error
    except aws.BotoCoreError as error:
        raise TemporaryFault(
            f"AWS does not answer in {region} ({_line(error)}); check the network and whether the "
            "stack is of that region, then run the command again"
        ) from error


def code_of(error: aws.ClientError) -> str:
    """Return AWS's name for a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refusal(error: aws.ClientError, region: str) -> PipelineError:
    code, said = code_of(error), _line(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED or status >= 500:
        return TemporaryFault(f"AWS is busy ({said}); run the command again in a minute")
    for codes, sentence in REFUSALS.items():
        if code in codes:
            return UsageFault(sentence.format(said=said, region=region))
    return PipelineError(f"AWS refused ({said})")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
