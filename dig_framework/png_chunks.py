"""The checksums of PNG files."""

from __future__ import annotations

import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_damage(data: bytes) -> str | None:
    """Return what is damaged in the bytes of a PNG file, None if nothing is or it is another kind of file.

    A file is its signature and chunks up to `IEND`, each of four bytes of length, four of name, the content, and the
    CRC-32 of name and content (W3C, Portable Network Graphics, third edition, section 5.3).
    """
    if not data.startswith(_SIGNATURE):
        return None
    start = len(_SIGNATURE)
    while start + 12 <= len(data):
        stop = start + 12 + int.from_bytes(data[start : start + 4], "big")
        name = data[start + 4 : start + 8]
        if stop > len(data):
            break
        if zlib.crc32(data[start + 4 : stop - 4]) != int.from_bytes(data[stop - 4 : stop], "big"):
            return f"the checksum of its chunk {name!r} at byte {start} is wrong"
        if name == b"IEND":
            return None
        start = stop
    return "image file is truncated"
