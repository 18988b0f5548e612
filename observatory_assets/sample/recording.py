"""Recordings: folders of publishers' answers (index.json and bodies/), written by the sample's generators and read by the publisher.

Belongs here: the folder format, its writer, its reader and its validation. Does not belong here: serving, or what any one answer says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from resources.errors import ObservatoryError

FAULTS = re.compile(r"down|timeout|reset|truncate|slow|html_200|wrong_type|empty|oversized|redirect(:https?://\S+)?|http:[1-5]\d\d(:retry-after=[^\r\n]+)?")
"""Faults an entry or a test can ask for: ``down`` closes the connection before any byte, ``reset`` after half of the body, ``wrong_type``
answers 200 with a PDF; ``http:503:retry-after=30`` adds the header, ``redirect:URL`` chooses the target."""

_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xls": "application/vnd.ms-excel",
    ".zip": "application/zip",
    ".xml": "application/xml",
}


@dataclass(frozen=True)
class Entry:
    """One answer of one publisher.

    Args:
        host, path: where it is asked; ``path`` starts with a slash and has no query.
        body: the bytes, exactly as sent.
        query: parameters a request must have; others are free. None means any.
        headers: added to, or put instead of, the defaults (Content-Type by extension, strong ETag of the body); a value of None omits that header.
        status: HTTP status.
        method: GET, HEAD or POST.
        fault: a fault of FAULTS to answer with.
        body_matches: for POST, JSON members the request must have.
    """

    host: str
    path: str
    body: bytes = field(repr=False)
    query: Mapping[str, str] | None = field(default=None, kw_only=True)
    headers: Mapping[str, str | None] | None = field(default=None, kw_only=True)
    status: int = field(default=200, kw_only=True)
    method: str = field(default="GET", kw_only=True)
    fault: str | None = field(default=None, kw_only=True)
    body_matches: Mapping[str, Any] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Recorded:
    """One entry as read back; ``body`` is a file (recordings of real payloads reach 115 MB) or None for no bytes."""

    host: str
    path: str
    body: Path | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    status: int
    method: str
    fault: str | None
    body_matches: Mapping[str, Any]
    phase: int


@dataclass(frozen=True)
class Recording:
    """A whole folder; ``synthetic`` says whether its numbers are invented."""

    synthetic: bool
    description: str
    entries: tuple[Recorded, ...]

    @property
    def last_phase(self) -> int:
        return max((entry.phase for entry in self.entries), default=1)


def write_recording(folder: Path, entries_by_phase: Mapping[int, Iterable[Entry]], *, synthetic: bool, description: str) -> Path:
    """Write a recording, or leave what was there untouched.

    Args:
        folder: where; replaced if it exists. Built beside itself and renamed, so no reader sees half of it.
        entries_by_phase: entries by the phase from which they are served.
        synthetic: whether the numbers are invented.
        description: one sentence about the recording.

    Returns:
        ``folder``. The same entries always give the same bytes.

    Raises:
        ObservatoryError: an entry breaks the format, or two of one phase answer the same request.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (work / "bodies").mkdir()
        index, seen = [], {}
        for phase in sorted(entries_by_phase):
            for entry in entries_by_phase[phase]:
                members = _write_entry(entry, phase, work)
                request = json.dumps([members.get(name) for name in ("phase", "method", "host", "path", "query", "body_matches")], sort_keys=True)
                if request in seen:
                    if seen[request] == entry:
                        continue  # two datasets of one publication give its page alike
                    raise _bad(f"{entry.method} {entry.host}{entry.path}", "two entries of one phase answer the same request", "one entry per request", request)
                seen[request] = entry
                index.append(members)
        document = {"synthetic": synthetic, "description": description, "entries": index}
        (work / "index.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        read_recording(work)
        work.chmod(0o755)  # mkdtemp makes it private; a container's publisher may run as another user
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            os.replace(folder, old / "old")
            os.replace(work, folder)
            shutil.rmtree(old)
        else:
            os.replace(work, folder)
    finally:
        if work.exists():
            shutil.rmtree(work)
    return folder


def read_recording(folder: Path) -> Recording:
    """Read and validate a recording.

    Args:
        folder: holds index.json and bodies/.

    Raises:
        ObservatoryError: no or unreadable index, or an entry that breaks the format; it names the entry.
    """
    index = Path(folder) / "index.json"
    try:
        document = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _bad("index.json", "the index cannot be read", "a JSON document of entries", f"{index}: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list) or not isinstance(document.get("synthetic"), bool):
        raise _bad(
            "index.json", "the index has the wrong shape", '{"synthetic": true or false, "description": text, "entries": [...]}', type(document).__name__
        )
    entries = tuple(_read_entry(members, number, Path(folder)) for number, members in enumerate(document["entries"], start=1))
    return Recording(document["synthetic"], str(document.get("description", "")), entries)


def _write_entry(entry: Entry, phase: int, folder: Path) -> dict[str, Any]:
    digest = hashlib.sha256(entry.body).hexdigest()
    if entry.body:
        (folder / "bodies" / digest).write_bytes(entry.body)
    headers = {"content-type": ("Content-Type", _content_type(entry)), "etag": ("ETag", f'"{digest}"')}
    headers |= {name.lower(): (name, value) for name, value in (entry.headers or {}).items()}
    members = {
        "method": entry.method,
        "host": entry.host,
        "path": entry.path,
        "query": dict(entry.query) if entry.query else None,
        "body_matches": dict(entry.body_matches) if entry.body_matches else None,
        "phase": phase,
        "status": entry.status,
        "headers": {name: value for name, value in headers.values() if value is not None},
        "body": f"bodies/{digest}" if entry.body else None,
        "fault": entry.fault,
    }
    return {name: value for name, value in members.items() if value is not None}


def _content_type(entry: Entry) -> str:
    known = _TYPES.get(PurePosixPath(entry.path).suffix.lower())
    return known or ("application/json" if entry.body[:1] in (b"{", b"[") else "application/octet-stream")


def _read_entry(members: Any, number: int, folder: Path) -> Recorded:
    name = f"entry {number}"
    if not isinstance(members, dict):
        raise _bad(name, "it is not an object", "an object", members)
    name += f" ({members.get('method', 'GET')} {members.get('host')}{members.get('path')})"

    def text_map(member: str) -> dict[str, str]:
        value = members.get(member) or {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise _bad(name, f"`{member}` is malformed", "an object of strings", value)
        return value

    rules = (
        ("host", lambda value: isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", value), "a host name"),
        ("path", lambda value: isinstance(value, str) and value.startswith("/") and "?" not in value, "a path from / on, without query"),
        ("method", lambda value: value in ("GET", "HEAD", "POST"), "GET, HEAD or POST"),
        ("phase", lambda value: type(value) is int and value >= 1, "a whole number from 1"),
        ("status", lambda value: type(value) is int and 200 <= value <= 599, "an HTTP status"),
        ("fault", lambda value: value is None or isinstance(value, str) and FAULTS.fullmatch(value), FAULTS.pattern),
        ("body_matches", lambda value: isinstance(value, dict), "an object"),
    )
    defaults = {"method": "GET", "phase": 1, "status": 200, "body_matches": {}}
    values = {}
    for member, holds, expected in rules:
        values[member] = members.get(member, defaults.get(member))
        if not holds(values[member]):
            raise _bad(name, f"`{member}` is malformed", expected, values[member])
    body = None
    if members.get("body") is not None:
        bodies = (folder / "bodies").resolve()
        body = (folder / str(members["body"])).resolve()
        if not body.is_relative_to(bodies):
            raise _bad(name, "its body lies outside bodies/", f"a file under {bodies}", members["body"])
        if not body.is_file():
            raise _bad(name, "its body is missing", f"a file {body}", "nothing")
    return Recorded(**values, query=text_map("query"), headers=text_map("headers"), body=body)


def _bad(entry: str, problem: str, expected: object, found: object) -> ObservatoryError:
    return ObservatoryError(
        f"recording: {entry}: {problem}",
        rule="recording_format",
        expected=expected,
        found=found,
        action="correct index.json, or record or build the folder again",
    )
