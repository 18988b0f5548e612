"""CSV files and cells of publishers, read as text first and typed on purpose.

Belongs here: reading a CSV with every column as text, and turning one text into a number with its status or an instant.
Does not belong here: any publisher's column names. Sniffing types is what this module exists to avoid: a reader that
guesses turns Nomis' OBS_CONF "F" into false and a column with one "low" into text.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

from observatory_assets.ksb.text import clean
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

LONDON = ZoneInfo("Europe/London")
UTF8_BOM = b"\xef\xbb\xbf"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w+;")
_BRITISH_DATE = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})?)?")


def csv_header(open_source: Callable[[], BinaryIO], name: str) -> list[str]:
    """Column names of a CSV's first line, without a byte-order mark.

    Raises:
        UnexpectedPayload: no bytes, HTML, or a first line that is no UTF-8 CSV.
    """
    with open_source() as stream:
        line = stream.readline(1 << 20)
    if not line.strip():
        raise UnexpectedPayload(f"{name} is empty", rule="not_empty", expected="a CSV with a header", found=f"{len(line)} bytes", action=_LOOK)
    if line.removeprefix(UTF8_BOM).lstrip()[:1] == b"<":
        raise UnexpectedPayload(
            f"{name} is a web page, not a CSV", rule="not_html", expected="a CSV with a header", found=line[:120].decode(errors="replace"), action=_LOOK
        )
    try:
        return next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnexpectedPayload(f"the first line of {name} is not a CSV header", rule="readable_csv", found=str(error), action=_LOOK) from error


def read_csv_as_text(open_source: Callable[[], BinaryIO], columns: Sequence[str], name: str) -> Iterator[pa.Table]:
    """The named columns of a CSV, all as text, batch by batch.

    Args:
        open_source: opens the bytes, each time from the start (a file or a ZIP member).
        columns: names the header must have, in any order and with any others around them.
        name: how errors call the file.

    Returns:
        Tables of ``columns`` in that order (empty cells are "", never NULL) and ``_source_row``, the record's number
        counting the header as 1 (the line, unless a quoted cell holds a line break).

    Raises:
        SchemaDrift: a column is missing or repeated, or a row has too few or too many cells.
        UnexpectedPayload: see ``csv_header``.
    """
    import pyarrow as pa
    from pyarrow import csv as pacsv

    found = csv_header(open_source, name)
    if any(found.count(column) != 1 for column in columns):
        wrong = [column for column in columns if found.count(column) != 1]
        raise SchemaDrift(
            f"{name} lacks or repeats column(s) {', '.join(wrong)}",
            rule="columns",
            expected=list(columns),
            found=found,
            action="compare the publisher's new layout with the dataset's contract and change the parser",
        )
    with open_source() as stream:
        stream.readline(1 << 20)
        if not stream.read(1):
            return  # headings only, which pyarrow calls an empty file
    row = 2
    try:
        with open_source() as stream:
            reader = pacsv.open_csv(
                stream,
                parse_options=pacsv.ParseOptions(newlines_in_values=True),
                convert_options=pacsv.ConvertOptions(include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string())),
            )
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield table.append_column("_source_row", pa.array(map(str, range(row, row + table.num_rows)), pa.string()))
                row += table.num_rows
    except pa.ArrowInvalid as error:
        raise SchemaDrift(
            f"{name} cannot be read as a CSV after row {row - 1}", rule="readable_csv", expected="rows as wide as the header", found=str(error), action=_LOOK
        ) from error


def number(text: str, statuses: Mapping[str, str]) -> tuple[float | None, str]:
    """One published cell as (value, status): a marker is a status without a value, a zero is a value.

    Args:
        text: the cell; surrounding blanks are ignored.
        statuses: the publisher's markers -> status.

    Raises:
        SchemaDrift: neither a number nor a known marker.
    """
    text = text.strip()
    if text in statuses:
        return None, statuses[text]
    if _NUMBER.fullmatch(text):
        value = float(text)
        return (value, "ok") if math.isfinite(value) else (None, "nonfinite")
    if _NOT_FINITE.fullmatch(text):
        return None, "nonfinite"
    raise SchemaDrift(
        "a cell is neither a number nor a known marker",
        rule="number",
        expected=f"a number or one of {sorted(statuses)}",
        found=text,
        action="look the marker up in the publisher's notes and add it",
    )


def numbers(texts: pa.ChunkedArray, statuses: Mapping[str, str]) -> tuple[pa.Array, pa.Array]:
    """A text column as (float column, status column); see ``number``. Each distinct text is read once."""
    import pyarrow as pa

    encoded = texts.combine_chunks().dictionary_encode()
    # combine_chunks gives one array from pyarrow 20 on, a chunked one of a single chunk for no rows.
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    read = [number(text, statuses) for text in encoded.dictionary.to_pylist()]
    values = pa.array([value for value, _ in read], pa.float64())
    labels = pa.array([status for _, status in read], pa.string())
    return values.take(encoded.indices), labels.take(encoded.indices)


def instant(text: str | None, zone: dt.tzinfo = dt.timezone.utc) -> dt.datetime | None:
    """An ISO date or time as a UTC instant; None for nothing or the year 1 that .NET writes for "no date".

    Args:
        text: with any number of fraction digits (.NET writes seven, which Python 3.10 cannot read) and with or without zone.
        zone: zone of a text that states none.

    Raises:
        SchemaDrift: not an ISO date.
    """
    if not text or text.startswith("0001-01-01"):
        return None
    found = _INSTANT.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        day, time, fraction, offset = found.groups()
        value = dt.datetime.fromisoformat(f"{day}T{time or '00:00:00'}.{(fraction or '0').ljust(6, '0')}")
        value = value.replace(tzinfo=zone) if offset is None else dt.datetime.fromisoformat(value.isoformat() + offset.replace("Z", "+00:00"))
        return value.astimezone(dt.timezone.utc)
    except (ValueError, OverflowError) as error:
        raise SchemaDrift(
            "a date is not in ISO form", rule="date", expected="2026-03-26 or 2026-03-26T09:30:00[.fff][zone]", found=text, action=_LOOK
        ) from error


def british_date(text: str) -> dt.date | None:
    """A date written day first, 18/02/2025 or 18-02-2025; None for nothing.

    Raises:
        SchemaDrift: not such a date.
    """
    if not text.strip():
        return None
    try:
        day, month, year = map(int, _BRITISH_DATE.fullmatch(text.strip()).groups())  # type: ignore[union-attr]
        return dt.date(year, month, day)
    except (AttributeError, ValueError) as error:
        raise SchemaDrift("a date is not written day first", rule="date", expected="18/02/2025 or 18-02-2025", found=text, action=_LOOK) from error


def semicolon_list(cell: str) -> list[str]:
    """The items of a list in one cell, as plain text; the semicolon that ends an HTML entity separates nothing."""
    return [item for part in _ENTITY.sub(lambda entity: html.unescape(entity[0]), cell).split(";") if (item := clean(part))]


def without_release(schema: pa.Schema) -> pa.Schema:
    """A raw table's schema as parsers give it: ``_release_id`` is for ingest to add."""
    return schema.remove(schema.get_field_index("_release_id"))


_LOOK = "open the archived body and compare it with the dataset's contract"
