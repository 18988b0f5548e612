"""Nomis (ONS labour market statistics): addresses, code lists and observation rows of its API v01.

Belongs here: what is true of every Nomis data set. Does not belong here: which data set, cells or areas to ask for.
Errors arrive as HTTP 200 more often than not: a help page for a wrong address, no bytes at all for a dimension the data
set lacks, and the Total repeated for unknown codes. So a body is believed only when its codes are the codes asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from observatory_assets.publishers.tabular import LONDON, instant, number, read_csv_as_text
from resources.errors import SchemaDrift, UnexpectedPayload

HOST = "www.nomisweb.co.uk"
API = f"https://{HOST}/api/v01/dataset"
GUEST_CELLS = 25_000
"""Cells an answer holds at most without a key; a longer one is cut short with HTTP 200."""

VALUE, CONFIDENCE = "20100", "20701"
MEASURES = {VALUE: "value", CONFIDENCE: "confidence"}

COLUMNS = (
    *("DATE_CODE", "DATE_NAME", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_TYPE", "CELL", "CELL_NAME", "MEASURES"),
    *("OBS_VALUE", "OBS_STATUS", "OBS_STATUS_NAME", "OBS_CONF", "RECORD_OFFSET", "RECORD_COUNT"),
)
"""Columns asked of a data set of cells; only these, which is about a fifth of the whole row."""


class Release(NamedTuple):
    """What an overview says of a dataset's release."""

    marker: str
    released_at: dt.datetime | None
    next_expected: dt.datetime | None


def overview_url(dataset: str) -> str:
    """Address of a dataset's overview, with the parts that date its release."""
    return f"{API}/{dataset}.overview.json?select=DatasetInfo,DateMetadata"


def release(overview: Any) -> Release:
    """When a data set last changed, from its overview document (times are UK local without a zone).

    Raises:
        SchemaDrift: the document has no ``overview.lastupdated``.
    """
    dates = overview.get("overview") if isinstance(overview, dict) else None
    if not isinstance(dates, dict) or not dates.get("lastupdated"):
        raise SchemaDrift("the overview states no last update", rule="overview", expected="overview.lastupdated", found=overview, action=_LOOK)
    updated, revised = str(dates["lastupdated"]), str(dates.get("lastrevised") or "")
    instants = [when for when in (instant(updated, LONDON), instant(revised, LONDON)) if when]
    return Release(f"{updated}|{revised}", max(instants, default=None), instant(dates.get("nextupdate"), LONDON))


def code_list_url(dataset: str, concept: str) -> str:
    """Address of the codes of one dimension."""
    return f"{API}/{dataset}/{concept}.def.sdmx.json"


def codes(code_list: Any) -> dict[str, str]:
    """Code -> name of a code list document; a list of one arrives as an object.

    Raises:
        SchemaDrift: not that shape, or no codes.
    """
    try:
        items = _listed(_listed(code_list["structure"]["codelists"]["codelist"])[0]["code"])
        found = {str(item["value"]): str(item["description"]["value"]).strip() for item in items}
    except (KeyError, IndexError, TypeError) as error:
        raise SchemaDrift(
            "a code list has an unknown shape",
            rule="code_list",
            expected="structure.codelists.codelist[0].code[{description,value}]",
            found=code_list,
            action=_LOOK,
        ) from error
    return found


def user_defined(name: str, members: Sequence[str]) -> str:
    """A geography summed from others. Commas and semicolons would split the list, so ``name`` must have none."""
    if not members or any(mark in name for mark in ",;|&#%+"):
        raise ValueError(f"a user-defined area needs members and a name without separators: {name!r}")
    return f"MAKE|{name}|{';'.join(members)}"


def data_urls(dataset: str, geography: Sequence[str], cells: Collection[str], dates: Sequence[str], *, page: int = GUEST_CELLS) -> list[str]:
    """Addresses that together answer areas × cells × dates × (value, confidence), one per page.

    The query is built by hand: DfE's client sends ``|`` and ``;`` bare, and whether Nomis takes them percent-encoded was never seen.
    """
    query = "&".join(
        (
            f"geography={','.join(geography)}",
            f"date={','.join(dates)}",
            f"cell={','.join(cells)}",
            f"measures={','.join(MEASURES)}",
            f"select={','.join(COLUMNS).lower()}",
        )
    ).replace(" ", "%20")
    rows = len(geography) * len(cells) * len(dates) * len(MEASURES)
    return [f"{API}/{dataset}.data.csv?{query}" + (f"&RecordOffset={offset}" if offset else "") for offset in range(0, rows, page)]


def read_pages(pages: Sequence[tuple[str, Path]]) -> Iterator[dict[str, str]]:
    """Every row of one question's pages as text, with ``_source_file`` and ``_source_row``.

    Args:
        pages: (name, file) of each page.

    Raises:
        UnexpectedPayload: an empty, HTML or error body; pages that together lack or repeat records of RECORD_COUNT.
        SchemaDrift: columns are missing.
    """
    offsets: list[int] = []
    counts: set[int] = set()
    for name, path in pages:
        with path.open("rb") as file:
            start = file.read(120)
        if not start:
            raise UnexpectedPayload(
                f"{name} is empty",
                rule="not_empty",
                expected="CSV rows",
                found="0 bytes",
                action="Nomis answers so to a dimension or measure the data set lacks; check the query",
            )
        if start.lstrip().startswith(b"Error"):
            raise UnexpectedPayload(
                f"{name} is an error text", rule="not_an_error", expected="CSV rows", found=start.decode(errors="replace"), action="ask again later"
            )
        for batch in read_csv_as_text(partial(path.open, "rb"), COLUMNS, name):
            for row in batch.to_pylist():
                offsets.append(_whole(row["RECORD_OFFSET"], name))
                counts.add(_whole(row["RECORD_COUNT"], name))
                yield row | {"_source_file": name}
    if len(counts) != 1 or sorted(offsets) != list(range(*counts)):
        raise UnexpectedPayload(
            "the pages do not add up to the whole answer",
            rule="record_count",
            expected=f"each record of {sorted(counts)} once",
            found=f"{len(offsets):,} rows, {len(set(offsets)):,} distinct",
            action="the answer was cut short or repeated; ask again with smaller pages",
        )


def check_complete(asked: Collection[tuple[str, ...]], found: Sequence[tuple[str, ...]]) -> None:
    """Refuse an answer whose codes are not exactly the codes asked, each once.

    Raises:
        SchemaDrift: missing, unasked or repeated combinations (unknown codes come back as a repeated Total).
    """
    missing, unasked = set(asked) - set(found), set(found) - set(asked)
    if missing or unasked or len(found) != len(asked):
        raise SchemaDrift(
            "the codes returned are not the codes asked",
            rule="codes_asked",
            expected=f"{len(asked):,} combinations, each once",
            found=f"{len(found):,} rows; missing {len(missing):,}: {sorted(missing)[:5]}; unasked {len(unasked):,}: {sorted(unasked)[:5]}",
            action="a code was withdrawn or renamed; check the data set's code lists and the area seeds",
        )


def observation(row: Mapping[str, str]) -> tuple[float | None, str]:
    """(value, status) of a row. The meaning is read from OBS_STATUS_NAME, whose texts are known, not from its letters, which are not.

    An unreliable estimate keeps its value (status u); its confidence cell, and any other empty cell, is x.

    Raises:
        SchemaDrift: a value that is no number.
    """
    said = row["OBS_STATUS_NAME"].lower()
    if "disclosive" in said or row["OBS_CONF"] not in ("", "F"):
        return None, "c"
    if "less than 500" in said:
        return None, "low"
    if "missing" in said or row["OBS_STATUS"] == "Q":
        return None, "x"
    value, status = number(row["OBS_VALUE"], {"": "x"})
    return (value, "u") if status == "ok" and "unreliable" in said else (value, status)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(text: str, name: str) -> int:
    # RECORD_COUNT has been seen as 4 and as 4.0 in pages of one answer.
    value, status = number(text, {})
    if status != "ok" or value is None or not value.is_integer() or value < 0:
        raise SchemaDrift(f"{name} numbers its records unreadably", rule="record_count", expected="a whole number", found=text, action=_LOOK)
    return int(value)


_LOOK = "compare the answer with the API's help page and change the client"
