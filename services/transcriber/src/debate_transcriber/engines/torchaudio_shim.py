"""Lets pyannote.audio import beside the CPU build of torch.

The wheels of torchaudio 2.11 are linked against CUDA's libraries, so on a CPU build of torch
`import torchaudio` dies while it loads its extension. pyannote needs only what torchaudio does in
Python (Kaldi features, resampling, MFCC): with an empty extension module in place all of that
works. Where torchaudio imports as it is, nothing is touched.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

EXTENSION = "torchaudio._extension"


def ensure_torchaudio() -> ModuleType:
    """Import torchaudio, without its compiled part where that cannot load.

    Raises OSError on a CUDA build of torch, where the failure is a real fault of the installation.
    """
    import torch

    try:
        return importlib.import_module("torchaudio")
    except OSError:
        if torch.version.cuda is not None:
            raise
    _forget_half_imported()
    sys.modules[EXTENSION] = _empty_extension()
    return importlib.import_module("torchaudio")


def _forget_half_imported() -> None:
    for name in [n for n in sys.modules if n == "torchaudio" or n.startswith("torchaudio.")]:
        del sys.modules[name]


def _empty_extension() -> ModuleType:
    def fail_if_no_align(function: Callable[..., Any]) -> Callable[..., NoReturn]:
        def unavailable(*_args: object, **_kwargs: object) -> NoReturn:
            raise RuntimeError(f"{function.__name__} needs torchaudio's compiled extension")

        return unavailable

    stub = ModuleType(EXTENSION)
    stub.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=fail_if_no_align,
    )
    return stub
