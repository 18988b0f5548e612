"""The lake: typed Parquet, one folder per table and release, and one commit file per release.

Belongs here: staging, promoting and reading releases; what was last looked at and satisfied; quarantine.
Does not belong here: parsing or judging a release.

A release counts only when its commit file ``lake/releases/<dataset>/<release id>.json`` exists; it is written last, so
a process killed while promoting leaves folders nobody reads and the next attempt replaces them.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.files import read_json, scratch_folder, sync_folder, write_json

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TableFile:
    """One promoted Parquet file: ``path`` relative to the lake."""

    path: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Release:
    """A promoted release, with the audit it passed. Instants are ISO 8601 in UTC; ``known_from_basis`` is 'publisher' or 'retrieval'."""

    dataset: str
    release_id: str
    marker: str
    known_from: str
    known_from_basis: str
    released_at: str | None
    detected_at: str
    retrieved_at: str
    materialised_at: str
    url: str
    sha256: str
    bytes: int
    rows: int
    previous_release_id: str | None
    is_sample: bool
    tables: dict[str, TableFile]
    checks: list[dict[str, Any]] = field(default_factory=list)


class Lake:
    """Raw releases under ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # Releases

    def releases(self, dataset: str) -> list[Release]:
        """Promoted releases of a dataset, oldest knowledge first."""
        folder = self.root / "releases" / dataset
        found = []
        for path in folder.glob("*.json") if folder.exists() else ():
            record = read_json(path)
            record["tables"] = {name: TableFile(**table) for name, table in record["tables"].items()}
            found.append(Release(**record))
        return sorted(found, key=lambda release: (release.known_from, release.materialised_at))

    def latest(self, dataset: str) -> Release | None:
        releases = self.releases(dataset)
        return releases[-1] if releases else None

    def read(self, release: Release, table: str) -> pa.Table:
        """One table of a release."""
        import pyarrow.parquet as pq

        return pq.read_table(self.root / release.tables[table].path)

    def stage(self, tables: dict[str, pa.Table], folder: Path) -> dict[str, TableFile]:
        """Write the tables as Parquet into a scratch folder; paths are relative to it."""
        import pyarrow.parquet as pq

        staged = {}
        for name, table in tables.items():
            (folder / name).mkdir()
            path = folder / name / "data.parquet"
            pq.write_table(table, path, compression="zstd")
            with path.open("rb+") as file:
                os.fsync(file.fileno())
            staged[name] = TableFile(f"{name}/data.parquet", table.num_rows, path.stat().st_size)
        return staged

    def scratch(self) -> Any:
        """A scratch folder in the lake, removed on leaving the context."""
        return scratch_folder(self.root / "incoming")

    def promote(self, release: Release, folder: Path) -> Release:
        """Rename the staged tables into place, then commit the release.

        Args:
            release: its ``tables`` hold the paths relative to ``folder``.
            folder: scratch folder written by ``stage``.

        Returns:
            The release with final paths; as first promoted if it has been already, since what is committed is never rewritten.
        """
        committed = next((held for held in self.releases(release.dataset) if held.release_id == release.release_id), None)
        if committed:
            return committed
        final = {}
        for name, staged in release.tables.items():
            home = self.root / "raw" / name / f"release={release.release_id}"
            if home.exists():
                # Left by a process that died before its commit: no commit file names it, so nobody reads it.
                shutil.rmtree(home)
            home.parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder / name, home)
            sync_folder(home.parent)
            final[name] = TableFile(str((home / "data.parquet").relative_to(self.root)), staged.rows, staged.bytes)
        promoted = Release(**{**release.__dict__, "tables": final})
        write_json(self.root / "releases" / release.dataset / f"{release.release_id}.json", asdict(promoted))
        return promoted

    # What the publishers were last asked and what has been satisfied

    def satisfied_marker(self, dataset: str) -> str | None:
        """The publisher's marker whose content is held, or None."""
        record = self.satisfied(dataset)
        return record["marker"] if record else None

    def satisfied(self, dataset: str) -> dict[str, Any] | None:
        """The last marker whose content is held: marker, release_id, at."""
        return read_json(self.root / "markers" / f"{dataset}.satisfied.json")

    def satisfy(self, dataset: str, marker: str, release_id: str) -> None:
        """Record that the content behind ``marker`` is the held release."""
        write_json(self.root / "markers" / f"{dataset}.satisfied.json", {"marker": marker, "release_id": release_id, "at": now()})

    def looked(self, dataset: str) -> dict[str, Any] | None:
        """The last look at the publisher: looked_at, marker, detected_at, next_expected, error, failing_since, skipped, asked."""
        return read_json(self.root / "markers" / f"{dataset}.looked.json")

    def look(
        self,
        dataset: str,
        *,
        marker: str | None,
        next_expected: dt.datetime | None = None,
        error: str | None = None,
        skipped: bool = False,
        asked: bool = True,
    ) -> None:
        """Record a look at the publisher.

        Args:
            dataset: slug.
            marker: what the publisher showed; None if it showed none, which keeps the last one.
            next_expected: the publisher's announced next release.
            error: why there is no marker.
            skipped: that is only because the operator has not set the dataset up.
            asked: False where its publisher was known not to be answering and was left alone.

        ``detected_at`` is kept from the first sight of a marker, ``failing_since`` from the first look of a row that failed.
        """
        before = self.looked(dataset) or {}
        seen_before = before.get("marker") == marker
        record = {
            "looked_at": now(),
            "marker": marker if marker is not None else before.get("marker"),
            "detected_at": before.get("detected_at") if seen_before or marker is None else now(),
            "next_expected": next_expected.isoformat() if next_expected else None,
            "error": error,
            "failing_since": (before.get("failing_since") or now()) if error and not skipped else None,
            "skipped": skipped,
            "asked": asked,
        }
        write_json(self.root / "markers" / f"{dataset}.looked.json", record)

    def failure(self, dataset: str) -> dict[str, Any] | None:
        """The last ingest that failed: marker, error, at. It counts until its marker is satisfied or another one is shown."""
        return read_json(self.root / "markers" / f"{dataset}.failed.json")

    def fail(self, dataset: str, marker: str, error: str) -> None:
        """Record that the release behind ``marker`` could not be taken in, which the looks that follow would not show."""
        write_json(self.root / "markers" / f"{dataset}.failed.json", {"marker": marker, "error": error, "at": now()})

    # Quarantine

    def quarantine_folder(self, dataset: str, release_id: str) -> Path:
        return self.root / "quarantine" / dataset / release_id

    def accepted(self, dataset: str, fingerprint: str) -> dict[str, Any] | None:
        """A person's decision to take these bytes in spite of a tolerance: release_id, by, reason, at, overruled."""
        return read_json(self.root / "accepted" / dataset / f"{fingerprint}.json")

    def accept(self, dataset: str, fingerprint: str, record: dict[str, Any]) -> None:
        """Keep such a decision. The first one stands: it is a record, not a setting."""
        path = self.root / "accepted" / dataset / f"{fingerprint}.json"
        if not path.exists():
            write_json(path, record)

    def quarantined(self, dataset: str) -> list[dict[str, Any]]:
        """Reports of rejected releases, newest first."""
        folder = self.root / "quarantine" / dataset
        reports = [read_json(path) for path in folder.glob("*/report.json")] if folder.exists() else []
        return sorted((report for report in reports if report), key=lambda report: report["quarantined_at"], reverse=True)


def now() -> str:
    """The present instant in UTC, ISO 8601 to the microsecond."""
    return dt.datetime.now(dt.timezone.utc).isoformat()
