"""What S3 and Secrets Manager answer when they do not do as asked, in sentences."""

from collections.abc import Iterator
from contextlib import contextmanager

from debate_downloader.errors import InputNotFound, StageError, TemporaryFault, UsageFault

MISSING = {"404", "NoSuchKey", "NoSuchBucket", "ResourceNotFoundException"}
DENIED = {"400", "401", "403", "AccessDenied", "AccessDeniedException", "ExpiredToken"}
BAD_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
UNCONFIGURED = {"NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound"}


@contextmanager
def explained(thing: str) -> Iterator[None]:
    """Turn AWS errors about `thing` (a URI, a secret) into StageErrors with the right exit code."""
    try:
        yield
    except StageError:
        raise
    except Exception as error:
        fault = _fault(thing, error)
        if fault is None:
            raise
        raise fault from error


def _fault(thing: str, error: BaseException) -> StageError | None:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from cloudpathlib.exceptions import CloudPathException

    for link in _chain(error):
        if isinstance(link, ClientError):
            return _refusal(thing, str(link.response.get("Error", {}).get("Code", "")))
    if type(error).__name__ in UNCONFIGURED:
        return UsageFault(f"{thing} needs AWS credentials and a region: {error}")
    if isinstance(error, CloudPathException):
        return InputNotFound(f"{thing} does not exist: check the bucket and the key")
    if isinstance(error, BotoCoreError | Boto3Error):
        return TemporaryFault(f"{thing} cannot be reached ({error}): try again later")
    return None


def _refusal(thing: str, code: str) -> StageError:
    if code in MISSING:
        return InputNotFound(f"{thing} does not exist: check the bucket, the key or the name")
    if code in DENIED | BAD_KEYS:
        return UsageFault(f"AWS refuses access to {thing} ({code}): check the role's permissions")
    return TemporaryFault(f"AWS could not serve {thing} just now ({code}): try again later")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
