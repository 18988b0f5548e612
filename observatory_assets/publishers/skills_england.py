"""Skills England (formerly IfATE): the list of every version of every apprenticeship standard.

Belongs here: the address, streaming the list in bounded memory, and what names a record. Does not belong here: tables.
The list is public but undocumented: one JSON array, about 2,000 records and 80 MB, no paging.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from observatory_assets.publishers.tabular import UTF8_BOM
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


_LOOK = "open the archived body; if the site's list moved or changed, change the client"
