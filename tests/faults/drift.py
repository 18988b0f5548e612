"""The sample with every payload's layout changed, whatever its kind: what a publisher sends after renaming its columns.

Belongs here: renaming headings and members of a body without knowing its dataset, and a recording of such bodies. Does not belong here:
what the observatory makes of them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from observatory_assets.datasets.contract import Resource
from observatory_assets.sample.recording import Entry, Recorded, read_recording, write_recording
from observatory_assets.sample.workbooks import workbook_bytes, zip_bytes

RENAMED = "_revised"
HEADING_ROWS = 15  # the lowest heading of the sample's workbooks and lists is on row 12


def drifted(body: bytes) -> bytes:
    """The body with its headings renamed; its kind is told from its bytes."""
    if body.startswith(b"\x1f\x8b"):
        return gzip.compress(drifted(gzip.decompress(body)), mtime=0)
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        return _workbook(body) if "[Content_Types].xml" in members else zip_bytes({name: drifted(member) for name, member in members.items()})
    if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return json.dumps(_document(json.loads(body.decode("utf-8-sig"))), ensure_ascii=False).encode()
    return _table(body)


def _document(found: Any) -> Any:
    """Members of records renamed, at every depth; what holds the records keeps its name, so that the answer still looks like one."""
    if not isinstance(found, dict):
        return _records(found)
    return {name if isinstance(value, dict | list) else f"{name}{RENAMED}": _records(value) for name, value in found.items()}


def _records(found: Any) -> Any:
    if isinstance(found, list):
        return [_records(one) for one in found]
    return {f"{name}{RENAMED}": _records(value) for name, value in found.items()} if isinstance(found, dict) else found


def _table(body: bytes) -> bytes:
    """The heading is the first of the rows with the most cells; its first cell stays, since it is how a file is recognised."""
    encoding = "utf-8-sig" if body.startswith(b"\xef\xbb\xbf") else "utf-8"
    lines = body.decode(encoding).splitlines(keepends=True)
    mark = max(("\t", ","), key=lambda one: max(line.count(one) for line in lines[:HEADING_ROWS]))
    cells = [next(csv.reader([line.rstrip("\r\n")], delimiter=mark), []) for line in lines[:HEADING_ROWS]]
    heading = max(range(len(cells)), key=lambda number: (sum(map(bool, cells[number])), -number))
    quoting = csv.QUOTE_ALL if lines[heading].startswith('"') else csv.QUOTE_MINIMAL
    written = io.StringIO()
    csv.writer(written, delimiter=mark, quoting=quoting, lineterminator="\n").writerow([cells[heading][0], *(cell + RENAMED for cell in cells[heading][1:])])
    return "".join([*lines[:heading], written.getvalue(), *lines[heading + 1 :]]).encode(encoding)


def _workbook(body: bytes) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(body))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=HEADING_ROWS):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value += RENAMED
    return workbook_bytes(book)


def question(resource: Resource) -> tuple[str, str, dict[str, str]]:
    """(host, path, parameters) a resource is asked with."""
    parts = urlsplit(resource.url)
    return parts.netloc, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))


def answers(entry: Recorded, resource: Resource) -> bool:
    """Whether a recorded entry may be the answer to a payload's request."""
    host, path, query = question(resource)
    posted = json.loads(resource.posted) if resource.posted else {}
    return (
        (entry.host, unquote(entry.path), entry.method) == (host, path, "POST" if resource.posted else "GET")
        and entry.query.items() <= query.items()
        and all(name in posted and posted[name] == value for name, value in entry.body_matches.items())
    )


def drifted_recording(sample: Path, folder: Path, payloads: Iterable[Resource], hosts_of_documents: Iterable[str]) -> Path:
    """The sample with its payloads drifted, and everything of the hosts that give no payloads but say where they are."""
    documents = set(hosts_of_documents)
    by_place: dict[tuple[str, str], list[Resource]] = {}
    for resource in payloads:
        by_place.setdefault(question(resource)[:2], []).append(resource)
    made: dict[Path, bytes] = {}
    phases: dict[int, list[Entry]] = {}
    for entry in read_recording(sample).entries:
        body, headers = entry.body.read_bytes() if entry.body else b"", dict(entry.headers)
        concerned = entry.host in documents or any(answers(entry, one) for one in by_place.get((entry.host, unquote(entry.path)), ()))
        if entry.body and concerned:
            if entry.body not in made:
                made[entry.body] = drifted(body)
            body = made[entry.body]
            headers = {name: value for name, value in headers.items() if name.lower() != "etag"}  # a new body gets its own
        phases.setdefault(entry.phase, []).append(
            Entry(entry.host, entry.path, body, query=entry.query, headers=headers, status=entry.status, method=entry.method, body_matches=entry.body_matches)
        )
    return write_recording(folder, phases, synthetic=True, description="The sample with every payload's layout changed.")
