"""Drop folders: files a person places because their publisher asks for a sign-in, an e-mail address or a licence.

Belongs here: finding them and telling one set from another. Does not belong here: what any one file holds.
A file counts by its name and its bytes, never by its time of change, which a copy does not keep.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from resources.errors import NotSetUp


def files(inbox: Path, pattern: re.Pattern[str]) -> list[Path]:
    """Files of the folder whose name matches in full, in order of name; [] without a folder. Hidden and half-copied (``.part``) files do not count."""
    if not inbox.is_dir():
        return []
    named = (path for path in sorted(inbox.iterdir()) if path.is_file() and not path.name.startswith(".") and path.suffix != ".part")
    return [path for path in named if pattern.fullmatch(path.name)]


def newest(inbox: Path, pattern: re.Pattern[str]) -> Path:
    """The file whose name sorts last by its numbers (v1.10.0 after v1.9.0).

    Raises:
        NotSetUp: no file matches; the error names the folder and the pattern.
    """
    found = files(inbox, pattern)
    if not found:
        raise missing(inbox, pattern.pattern)
    return max(found, key=lambda path: ([int(digits) for digits in re.findall(r"\d+", path.name)], path.name))


def missing(inbox: Path, wanted: str) -> NotSetUp:
    """The error that says which file to place where."""
    held = sorted(path.name for path in inbox.iterdir()) if inbox.is_dir() else []
    return NotSetUp(
        "no file has been placed in the drop folder",
        rule="drop_folder",
        expected=f"a file named like {wanted} in {inbox}",
        found=held or "an empty or absent folder",
        action="download it from the publisher (the dataset's page in docs says where) and copy it there; it is taken in by itself",
    )


def marker(paths: Sequence[Path]) -> str:
    """The value of a marker of these files together: their names and a digest of their bytes."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    return f"{', '.join(path.name for path in sorted(paths))}|{digest.hexdigest()[:16]}"
