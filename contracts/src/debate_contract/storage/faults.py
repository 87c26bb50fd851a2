"""What the disk and AWS refuse or fail to do: what lasts, what passes, a sentence for each."""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from debate_contract.errors import (
    BadInput,
    DiskFull,
    InputNotFound,
    StageError,
    TemporaryFault,
    UsageFault,
)

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the last: a limit set on the process
LASTING = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP}
LASTING |= {errno.ENOTDIR, errno.EISDIR, errno.EEXIST}  # something else is in the way

SIGN_IN = "sign in (`aws sso login`, or `aws configure`) and run the command again"


@dataclass(frozen=True)
class Fault:
    """One row of the table: the error for the caller, and its sentence about {thing}."""

    error: type[StageError]
    sentence: str
    codes: frozenset[str] = frozenset()  # AWS's names for it
    exceptions: frozenset[str] = frozenset()  # botocore's


def _row(error: type[StageError], sentence: str, codes: str = "", exceptions: str = "") -> Fault:
    return Fault(error, sentence, frozenset(codes.split()), frozenset(exceptions.split()))


# HEAD's refusals have no body: there the code is the status.
AWS_FAULTS = {
    "missing": _row(
        InputNotFound,
        "{thing} does not exist: check the bucket, the key or the name",
        "404 NoSuchKey NoSuchBucket NotFound ResourceNotFoundException",
    ),
    "expired": _row(
        UsageFault,
        f"the AWS credentials for {{thing}} have expired: {SIGN_IN}",
        "ExpiredToken ExpiredTokenException InvalidGrantException RequestExpired"
        " TokenRefreshRequired",
        "UnauthorizedSSOTokenError SSOTokenLoadError TokenRetrievalError",
    ),
    "unknown": _row(
        UsageFault,
        f"AWS does not know the credentials for {{thing}} ({{said}}): {SIGN_IN}",
        "InvalidAccessKeyId InvalidClientTokenId InvalidSignatureException InvalidToken"
        " SignatureDoesNotMatch UnrecognizedClientException",
    ),
    "unsigned": _row(
        UsageFault,
        f"there are no usable AWS credentials for {{thing}} ({{said}}): {SIGN_IN}",
        exceptions="NoCredentialsError PartialCredentialsError SSOError NoRegionError"
        " ProfileNotFound InvalidConfigError CredentialRetrievalError",
    ),
    "denied": _row(
        UsageFault,
        "AWS refuses access to {thing} ({said}): use a role or a profile that may",
        "400 401 403 AccessDenied AccessDeniedException AllAccessDisabled UnauthorizedOperation"
        " AccountProblem KMS.DisabledException KMSAccessDeniedException",
    ),
    "elsewhere": _row(
        UsageFault,
        "{thing} is in another AWS region ({said}): set AWS_DEFAULT_REGION to the bucket's",
        "301 AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect",
    ),
    "archived": _row(BadInput, "{thing} is archived: restore it in S3 first", "InvalidObjectState"),
    "busy": _row(
        TemporaryFault,
        "AWS could not serve {thing} just now ({said}): try again in a minute",
        "BadDigest IncompleteBody OperationAborted RequestLimitExceeded RequestTimeout"
        " RequestTimeoutException SlowDown Throttling ThrottlingException ThrottledException"
        " TooManyRequestsException KMS.ThrottlingException NoSuchUpload",
    ),
    "unfit": _row(
        UsageFault,
        "AWS cannot be asked for {thing} ({said}): check its name and the settings",
        exceptions="ParamValidationError InvalidRegionError ConfigParseError UnknownRegionError"
        " InvalidRetryModeError InvalidRetryConfigurationError InvalidMaxRetryAttemptsError",
    ),
    "refused": _row(UsageFault, "AWS refuses what was asked of {thing} ({said})"),
    "unreachable": _row(
        TemporaryFault,
        "{thing} cannot be reached ({said}): check the network, then try again",
    ),
}
PASSING_STATUS = {408, 409, 425, 429}
NO_OTHERS: Mapping[str, Fault] = {}


@contextmanager
def explained(thing: object, rows: Mapping[str, Fault] = NO_OTHERS) -> Iterator[None]:
    """Turn what the disk and AWS raise about `thing` (a place, a secret) into StageErrors.

    `rows` replace some of AWS_FAULTS. What is neither is raised as it is.
    """
    try:
        yield
    except StageError:
        raise
    except Exception as error:
        said = disk_fault(error, thing) or _aws_fault(error, thing, rows)
        if said is None:
            raise
        raise said from error


def disk_fault(error: BaseException, thing: object = None) -> StageError | None:
    """A full disk, a place that may not be written, as a StageError; None for what is neither.

    With a `thing`, for one file: there, whatever else the disk does may pass.
    """
    if not isinstance(error, OSError) or error.errno is None:
        return None
    # Of a rename the place, not the file that was to become it.
    place, reason = error.filename2 or error.filename or thing, error.strerror
    if error.errno in FULL:
        return DiskFull()
    if error.errno in LASTING:
        return UsageFault(f"{place} cannot be read or written: {reason}")
    if thing is None:
        return None
    if error.errno == errno.ENOENT:
        return InputNotFound(f"{place} does not exist: check the path")
    return TemporaryFault(f"{place} cannot be read or written just now: {reason}; try again")


def code_of(error: "ClientError") -> str:
    """AWS's name for a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _aws_fault(error: Exception, thing: object, rows: Mapping[str, Fault]) -> StageError | None:
    name = _name_of(error)
    if name is None:
        return None
    row = rows.get(name, AWS_FAULTS[name])
    return row.error(row.sentence.format(thing=thing, said=_line(error)))


def _name_of(error: Exception) -> str | None:
    """Which row of the table an exception belongs to; None for one that is not AWS's."""
    if "botocore" not in sys.modules:
        return None
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    links = list(_chain(error))  # what moves large files wraps what AWS said
    for link in links:
        if isinstance(link, ClientError):
            return _name_of_refusal(link)
    for link in links:
        if isinstance(link, BotoCoreError):
            return _row_with(type(link).__name__, "exceptions") or "unreachable"
    return "unreachable" if isinstance(error, Boto3Error) else None


def _name_of_refusal(error: "ClientError") -> str:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    passing = status >= 500 or status in PASSING_STATUS
    return _row_with(code_of(error), "codes") or ("busy" if passing else "refused")


def _row_with(word: str, column: str) -> str | None:
    return next((name for name, row in AWS_FAULTS.items() if word in getattr(row, column)), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
