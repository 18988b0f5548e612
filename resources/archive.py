"""The archive: payload bytes exactly as received, kept for ever under their sha256, and one manifest per release.

Belongs here: storing and finding payloads and manifests, and opening archived zips safely.
Does not belong here: what the bytes mean (datasets) or whether they are any good (quality).

Layout: ``archive/objects/<2 hex>/<sha256>`` and ``archive/manifests/<dataset>/<release id>.json``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from resources.errors import UnexpectedPayload
from resources.files import read_json, scratch_folder, write_json
from resources.http import HttpClient


@dataclass(frozen=True)
class Stored:
    """One archived payload as its manifest records it."""

    name: str
    url: str
    sha256: str
    size: int
    status: int
    headers: Mapping[str, str]
    retrieved_at: str
    labels: Mapping[str, str] = field(default_factory=dict)
    posted: str | None = None


class Archive:
    """Content-addressed payloads under ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def object_path(self, sha256: str) -> Path:
        return self.root / "objects" / sha256[:2] / sha256

    def fetch(
        self,
        http: HttpClient,
        name: str,
        url: str,
        *,
        starts_with: Iterable[bytes] = (),
        labels: Mapping[str, str],
        held: Stored | None,
        posted: str | None = None,
    ) -> Stored:
        """Fetch one payload into the archive, conditionally if a copy of this address is held.

        Args:
            http: client to ask with.
            name, url, starts_with, labels, posted: of the resource.
            held: the same resource in the last release, if any; a 304 reuses its bytes.
        """
        if held is not None and (posted is not None or not self.object_path(held.sha256).exists()):
            held = None  # a POST is never conditional (RFC 9110 §13.1 leaves what it would mean to the method)
        with scratch_folder(self.root / "incoming") as folder:
            target = folder / "body"
            got = http.download(
                url,
                target,
                starts_with=tuple(starts_with),
                posted=posted,
                etag=held.headers.get("etag") if held else None,
                last_modified=held.headers.get("last-modified") if held else None,
            )
            if got.not_modified:
                if held is None:
                    raise UnexpectedPayload(f"{url} answered 304 to an unconditional request", rule="http_status", expected="HTTP 200", found="HTTP 304")
                return Stored(name, url, held.sha256, held.size, 304, held.headers, held.retrieved_at, dict(labels), posted)
            self._put(target, got.sha256)
            return Stored(name, url, got.sha256, got.size, got.status, dict(got.headers), got.retrieved_at.isoformat(), dict(labels), posted)

    def keep_file(self, name: str, url: str, path: Path, *, labels: Mapping[str, str], limit: int) -> Stored:
        """Copy a file that a person has placed in a drop folder into the archive.

        Args:
            name, url, labels: of the resource; ``url`` says where it lay.
            path: the file.
            limit: bytes accepted at most.

        Raises:
            UnexpectedPayload: it is empty, too large, or cannot be read.
        """
        with scratch_folder(self.root / "incoming") as folder:
            target = folder / "body"
            try:
                size = path.stat().st_size
                if not 0 < size <= limit:
                    raise UnexpectedPayload(
                        f"{path.name} in the drop folder has no acceptable size", rule="drop_size", expected=f"1 to {limit:,} bytes", found=f"{size:,} bytes"
                    )
                shutil.copyfile(path, target)
            except OSError as error:
                raise UnexpectedPayload(
                    f"{path.name} in the drop folder cannot be read", rule="drop_readable", expected="a readable file", found=error.strerror
                ) from error
            with target.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
            self._put(target, sha256)
        return Stored(name, url, sha256, size, 0, {}, dt.datetime.now(dt.timezone.utc).isoformat(), dict(labels))

    def _put(self, body: Path, sha256: str) -> None:
        path = self.object_path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            body.chmod(0o444)
            os.replace(body, path)

    def write_manifest(self, dataset: str, release_id: str, manifest: Mapping[str, Any], payloads: Iterable[Stored]) -> Path:
        """Record a release; the same release again changes nothing."""
        path = self.root / "manifests" / dataset / f"{release_id}.json"
        if not path.exists():
            write_json(path, {**manifest, "payloads": [asdict(payload) for payload in payloads]})
        return path

    def manifest(self, dataset: str, release_id: str) -> dict[str, Any] | None:
        return read_json(self.root / "manifests" / dataset / f"{release_id}.json")

    def payloads(self, dataset: str, release_id: str) -> list[Stored]:
        """The payloads of a recorded release, or [] if none is recorded."""
        manifest = self.manifest(dataset, release_id)
        return [Stored(**payload) for payload in manifest["payloads"]] if manifest else []

    def newest_payloads(self, dataset: str) -> list[Stored]:
        """Payloads of the release recorded last, good or rejected: what a conditional request can refer to."""
        folder = self.root / "manifests" / dataset
        manifests = [read_json(path) for path in folder.glob("*.json")] if folder.exists() else []
        newest = max(manifests, key=lambda manifest: manifest["retrieved_at"], default=None)
        return [Stored(**payload) for payload in newest["payloads"]] if newest else []

    def fingerprint(self, payloads: Iterable[Stored]) -> str:
        """sha256 over the release's contents. Zips count by their members, so that one rebuilt with new timestamps is the same release."""
        digest = hashlib.sha256()
        for payload in sorted(payloads, key=lambda one: one.name):
            digest.update(f"{payload.name}\0{self._content(payload)}\n".encode())
        return digest.hexdigest()

    def _content(self, payload: Stored) -> str:
        path = self.object_path(payload.sha256)
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return payload.sha256
        try:
            archive = open_zip(path)
        except UnexpectedPayload:
            return payload.sha256  # not a zip to be read: the parser says so, and the release is quarantined with its bytes
        with archive:
            return ";".join(f"{info.filename}:{info.CRC:08x}:{info.file_size}" for info in sorted(archive.infolist(), key=lambda one: one.filename))


def open_zip(path: Path, *, max_unpacked: int = 2 * 1024**3, max_members: int = 10_000) -> zipfile.ZipFile:
    """Open an archived zip after checking that it is whole and safe; members are read from it, never extracted.

    Raises:
        UnexpectedPayload: not a zip, truncated, too large when unpacked, or names that leave the archive.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeError) as error:  # damaged directories end in any of these
        raise UnexpectedPayload(
            "the archive cannot be opened: it is truncated or not a zip",
            rule="zip_whole",
            expected="a complete zip file",
            found=f"{path.stat().st_size:,} bytes; {error}",
            action="it is fetched again at the next tick; the bytes are kept in the archive for inspection",
        ) from error
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    unsafe = [member.filename for member in members if PurePosixPath(member.filename).is_absolute() or ".." in PurePosixPath(member.filename).parts]
    if unpacked > max_unpacked or len(members) > max_members or unsafe:
        archive.close()
        raise UnexpectedPayload(
            "the archive is not safe to read",
            rule="zip_safe",
            expected=f"at most {max_members:,} members and {max_unpacked:,} bytes unpacked, no path leaving it",
            found=f"{len(members):,} members, {unpacked:,} bytes, unsafe names {unsafe[:3]}",
            action="inspect the archived bytes; raise the limit only if the publisher's file has really grown",
        )
    return archive


def utc_stamp(instant: dt.datetime) -> str:
    """2024-08-05T09:30:00+01:00 -> 20240805T083000Z, for names that sort by time."""
    return instant.astimezone(dt.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
