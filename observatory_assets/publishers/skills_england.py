"""Skills England (formerly IfATE): its lists of apprenticeship standards, foundation apprenticeships and units.

Belongs here: the address, streaming a list in bounded memory, what names a record, and reading its fields with a refusal of
types they have never had. Does not belong here: tables.
The lists are public but undocumented: a JSON array each, that of standards about 2,000 records and 80 MB, no paging.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from observatory_assets.ksb.text import clean
from observatory_assets.publishers.tabular import UTF8_BOM, instant
from resources.errors import SchemaDrift, UnexpectedPayload

HOST = "skillsengland.education.gov.uk"
LIST = f"https://{HOST}/api/apprenticeshipstandards"


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(index in the array, record) of a list file, one record in memory at a time; null elements are skipped.

    Raises:
        UnexpectedPayload: empty, HTML, or broken off.
        SchemaDrift: JSON, but not an array of objects.
    """
    import ijson

    with path.open("rb") as file:
        start = file.read(4096)
        file.seek(len(UTF8_BOM) if start.startswith(UTF8_BOM) else 0)
        first = start.removeprefix(UTF8_BOM).lstrip()[:1]
        if first in (b"", b"<"):
            raise UnexpectedPayload(
                "the list is empty or a web page", rule="not_html", expected="a JSON array", found=start[:120].decode(errors="replace"), action=_LOOK
            )
        if first != b"[":
            raise SchemaDrift("the list is not a JSON array", rule="array", expected="[", found=start[:120].decode(errors="replace"), action=_LOOK)
        try:
            for index, record in enumerate(ijson.items(file, "item", use_float=True)):
                if record is None:
                    continue
                if not isinstance(record, dict):
                    raise SchemaDrift(f"element {index} of the list is no object", rule="array_of_objects", expected="an object", found=record, action=_LOOK)
                yield index, record
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise UnexpectedPayload("the list is not whole JSON", rule="readable_json", found=str(error), action="fetch it again") from error


def identity(record: dict[str, Any]) -> tuple[str, str]:
    """(reference, version): "ST0499", "1.3". Old lists lack both: the reference is then LARS<code>, the version the baseline 1.0.

    Raises:
        SchemaDrift: nothing names the record.
    """
    reference = record.get("referenceNumber") or (f"LARS{record['larsCode']}" if record.get("larsCode") else None)
    if not isinstance(reference, str):
        raise SchemaDrift(
            "a record has neither reference number nor LARS code", rule="reference", expected="referenceNumber or larsCode", found=sorted(record), action=_LOOK
        )
    return reference.strip(), str(record.get("version") or record.get("versionNumber") or "1.0").strip()


class Record:
    """One record of a list being read; every getter refuses a field of a type it has never had.

    Args:
        record: the JSON object.
        index: its index in the list, and
        source: the name of the file, both for provenance and errors.
    """

    def __init__(self, record: Mapping[str, Any], index: int, source: str) -> None:
        self.record, self.index, self.source = record, index, source
        self.reference, self.version = identity(dict(record))

    def statements(self, kinds: Mapping[str, tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
        """Rows of statements: kind -> (list, member holding the id, letters of the label); entries without text are left out."""
        for kind, (field, id_field, letters) in kinds.items():
            for position, item in self.items(field):
                original = self.string(item, "detail", f"{field}[{position - 1}]")
                if text := clean(original):
                    label = f"{letters}{position}"
                    yield self.at(f".{field}[{position - 1}]") | {
                        "kind": kind,
                        "position": position,
                        "label": label,
                        "statement_id": self.string(item, id_field, field) or label,
                        "text": text,
                        "original_text": original,
                    }

    def job_titles(self, lists: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Rows of job titles: source -> list; each title once, under the first list it is in."""
        seen: set[str] = set()
        for source, field in lists.items():
            for position, value in self.listed(self.record.get(field), field, str):
                title = clean(value)
                if title and title.casefold() not in seen:
                    seen.add(title.casefold())
                    yield self.at(f".{field}[{position - 1}]") | {"position": len(seen), "job_title": title, "source": source}

    def at(self, path: str) -> dict[str, Any]:
        """Key and provenance of a row read at ``path`` of the record."""
        return {"reference": self.reference, "version": self.version, "_source_file": self.source, "_source_row": f"[{self.index}]{path}"}

    def items(self, field: str) -> list[tuple[int, dict[str, Any]]]:
        """(position from 1, object) of a list of objects."""
        return self.listed(self.record.get(field), field, dict)

    def listed(self, value: Any, path: str, element: type | tuple[type, ...]) -> list[tuple[int, Any]]:
        """(position from 1, element) of a list; a missing list is empty, null elements keep their position."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(item is None or isinstance(item, element) for item in value):
            kinds = element if isinstance(element, tuple) else (element,)
            raise self.drift(path, f"a list of {' or '.join(kind.__name__ for kind in kinds)}", value)
        return [(position, item) for position, item in enumerate(value, start=1) if item is not None]

    def string(self, holder: Mapping[str, Any], field: str, path: str) -> str | None:
        """A member as it is."""
        value = holder.get(field)
        if value is not None and not isinstance(value, str):
            raise self.drift(f"{path}.{field}".strip("."), "text", value)
        return value

    def text(self, field: str) -> str | None:
        """A member as plain text."""
        return clean(self.string(self.record, field, "")) or None

    def whole(self, field: str) -> int | None:
        """A whole number, also one written as text."""
        value = self.record.get(field)
        try:
            # Numbers have come as text in other fields of the list (minimumHoursForCompliance "605").
            number = None if value in (None, "") else int(value)
            if isinstance(value, bool) or (isinstance(value, float) and value != number) or abs(number or 0) >= 2**63:
                raise ValueError(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.drift(field, "a whole number", value) from error
        return number

    def instant(self, field: str) -> dt.datetime | None:
        """A date or time in UTC."""
        return instant(self.string(self.record, field, ""))

    def drift(self, path: str, expected: str, found: Any) -> SchemaDrift:
        """The error of a field that is not what it has been."""
        return SchemaDrift(
            f"{self.reference} version {self.version}: {path} is not {expected}",
            rule="field_type",
            expected=expected,
            found=found,
            action=f"open element {self.index} of the archived body and change the parser",
        )


class Seen:
    """Which records of a list have been read, to refuse the same one twice."""

    def __init__(self) -> None:
        self.where: dict[tuple[str, str], int] = {}

    def add(self, key: tuple[str, str], index: int) -> None:
        """Remember a record; raises SchemaDrift if its reference and version were read before."""
        if key in self.where:
            raise SchemaDrift(
                f"{key[0]} version {key[1]} is in the list twice",
                rule="one_record_per_version",
                expected="each reference and version once",
                found=f"elements {self.where[key]} and {index}",
                action="open both records in the archived body; if versions are told apart by another field, change the key",
            )
        self.where[key] = index


_LOOK = "open the archived body; if the site's list moved or changed, change the client"
