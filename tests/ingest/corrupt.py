"""Recordings derived from the sample in which a publisher's answer has gone wrong.

Belongs here: spoiling bodies as publishers do. Does not belong here: what the observatory makes of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from observatory_assets.datasets.contract import Dataset
from observatory_assets.sample.recording import Entry, read_recording, write_recording
from observatory_assets.sample.workbooks import workbook_bytes, zip_bytes

Alter = Callable[[bytes], bytes]


def spoil(sample: Path, folder: Path, dataset: Dataset, path: str, alter: Alter) -> Path:
    """A recording whose phase 1 is the dataset's sample and whose phase 2 has other bodies.

    Args:
        sample: the bundled sample.
        folder: where to write.
        dataset: whose hosts are kept.
        path: regular expression sought in the paths of the answers to alter, alone or followed by ? and the parameters they need.
        alter: old body -> new body; at least one must differ.
    """
    kept = [
        Entry(
            entry.host,
            entry.path,
            entry.body.read_bytes() if entry.body else b"",
            query=entry.query,
            headers={name: value for name, value in entry.headers.items() if name.lower() != "etag"},  # a new body gets its own
            status=entry.status,
            method=entry.method,
        )
        for entry in read_recording(sample).entries
        if entry.phase == 1 and entry.host in dataset.hosts
    ]
    spoilt = [
        Entry(entry.host, entry.path, alter(entry.body), query=entry.query, headers=entry.headers)
        for entry in kept
        if re.search(path, entry.path) or re.search(path, _asked(entry))
    ]
    assert {entry.body for entry in spoilt} - {entry.body for entry in kept}, f"nothing of {dataset.slug} was altered by {path}"
    return write_recording(folder, {1: kept, 2: spoilt}, synthetic=True, description="The sample with one answer spoilt.")


def _asked(entry: Entry) -> str:
    return entry.path + ("?" + "&".join(f"{name}={value}" for name, value in sorted(entry.query.items())) if entry.query else "")


def lines(change: Callable[[list[str]], list[str]]) -> Alter:
    """Alter a text body by its lines."""
    return lambda body: "\n".join([*change(body.decode("utf-8").rstrip("\n").split("\n")), ""]).encode()


def pattern(old: str, new: str | Callable[[re.Match[str]], str], count: int = 0) -> Alter:
    """Alter what a regular expression matches (``^`` and ``$`` are a line's ends)."""
    return lambda body: re.sub(old, new, body.decode("utf-8"), count=count, flags=re.MULTILINE).encode()


def member(name: str, alter: Alter) -> Alter:
    """Alter the members of a zip whose name ends with ``name``."""

    def change(body: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return zip_bytes({one: alter(archive.read(one)) if one.endswith(name) else archive.read(one) for one in archive.namelist()})

    return change


def workbook(change: Callable) -> Alter:
    """Alter an openpyxl workbook."""
    from openpyxl import load_workbook

    def save(body: bytes) -> bytes:
        book = load_workbook(io.BytesIO(body))
        change(book)
        return workbook_bytes(book)

    return save
