"""Arrays as PNG files, without a library of pictures."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_COLOURS = {1: 0, 3: 2, 4: 6}  # channels -> PNG's number for grey, red-green-blue, and that with alpha


def pixels(picture: Any) -> Any:
    """A picture as bytes.

    Args:
        picture: array of (height, width, channels): uint8, bool, or floats from 0 to 1, which are cut off there.

    Returns:
        NumPy array, uint8.

    Raises:
        ValueError: for another shape.
    """
    picture = np.asarray(picture)
    if picture.ndim != 3 or picture.shape[-1] not in _COLOURS or 0 in picture.shape:
        raise ValueError(f"A picture must be (height, width, channels) with 1, 3 or 4 channels, got {picture.shape}.")
    if picture.dtype.kind in "fb" or picture.dtype.name.startswith("bfloat"):
        picture = np.clip(np.nan_to_num(picture.astype("float32")), 0, 1) * 255 + 0.5
    return picture.clip(0, 255).astype("uint8")


def png(picture: Any) -> bytes:
    """A picture as a file of PNG (ISO/IEC 15948).

    Args:
        picture: as `pixels` takes it.

    Returns:
        Bytes.
    """
    picture = pixels(picture)
    height, width, channels = picture.shape
    rows = np.concatenate([np.zeros((height, 1), "uint8"), picture.reshape(height, -1)], axis=1)  # no filter
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
