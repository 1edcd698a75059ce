"""Files that are either whole or absent."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from dig_framework.errors import InputError


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file through a temporary neighbour, so that no reader ever sees half of it; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; numbers keep every digit, and a NaN raises ValueError."""
    write_atomic(path, json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: If it is missing, cannot be opened or cannot exist; names what its folder holds.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; {_neighbours(path)}.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check that it is a readable file.") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r}: is no name that a file can have ({error}); correct it.") from error


def read_json(path: Path) -> Any:
    """Return the value of a JSON file.

    Raises:
        InputError: If it is missing or no JSON; names line and column.
    """
    try:
        return json.loads(read_bytes(path).decode())
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}: no valid JSON at {place} ({error.msg}); correct it there.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text file; JSON in UTF-8 is expected.") from error
    except (ValueError, RecursionError) as error:
        reason = "nests too deeply" if isinstance(error, RecursionError) else "has a number of thousands of digits"
        raise InputError(f"{path}: {reason}; JSON written by this framework does not, so write it again.") from error


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    names = sorted(item.name for item in path.parent.iterdir() if not item.name.startswith("."))
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f"its folder holds {shown or 'nothing'}"


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
