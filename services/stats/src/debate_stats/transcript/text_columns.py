"""Columns of text made from one long text, without a string for each row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def cut_out(content: bytes, edges: Sequence[NDArray[np.signedinteger[Any]]]) -> pa.StringArray:
    """The UTF-8 texts from every first to every second of the edges.

    All edges have the same length; read across them, row by row, the places ascend.
    """
    offsets = np.stack(edges, axis=1).ravel().astype(np.int32, copy=False)
    if not len(offsets):
        return pa.array([], pa.string())
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    texts = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
    return texts.take(pa.array(np.arange(0, len(texts), 2)))
