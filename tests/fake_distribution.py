"""Installed distributions that exist only in a test's folder."""

from pathlib import Path


def install(folder: Path, name: str, entry_points: dict[str, dict[str, str]], version="0.1", requires=()):
    """Write the metadata of a distribution, as an installer would."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    text = ""
    for group, entries in entry_points.items():
        text += f"[dig_framework.{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
    (info / "entry_points.txt").write_text(text)
