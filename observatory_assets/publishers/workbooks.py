"""Excel workbooks as publishers serve them: opened from a file or a ZIP member, read by sheet, row and column as Excel shows them.

Belongs here: opening, A1 references, finding headers, reading a number or a text out of a cell. Does not belong here: any one workbook's layout.
Rows and columns count from 1 everywhere. python-calamine reads a 1.7 MB .xlsm in 26 ms; it gives an Excel error (#DIV/0!) as an empty cell.
"""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


def column_letters(column: int) -> str:
    """1 -> "A", 27 -> "AA"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def a1(row: int, column: int) -> str:
    """(4, 12) -> "L4"."""
    return f"{column_letters(column)}{row}"


def position(reference: str) -> tuple[int, int]:
    """ "L4" -> (4, 12)."""
    letters, digits = re.fullmatch(r"([A-Z]+)([1-9]\d*)", reference).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits), column


def text(value: Any) -> str:
    """A cell's text with runs of white space (no-break spaces and line breaks too) as one space; "" for an empty or non-text cell."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def number(value: Any) -> tuple[float | None, str]:
    """A cell's number and status: (value, "ok"), (None, "nonfinite") or, for whatever is no number, (None, "x"). Never 0 for a missing cell."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None, "x"
    return (float(value), "ok") if math.isfinite(value) else (None, "nonfinite")


def header_key(value: Any) -> str:
    """A header without case, spaces, line breaks and punctuation: "SOC\\n2020 Major Group" and "SOC2020 Major Group" are one."""
    return re.sub(r"[^a-z0-9]", "", value.lower()) if isinstance(value, str) else ""


@dataclass(frozen=True)
class Sheet:
    """A worksheet: ``rows`` start at cell A1, whatever area is filled; ``source`` is the file it came from."""

    source: str
    name: str
    rows: Sequence[Sequence[Any]]

    def value(self, row: int, column: int) -> Any:
        """The cell's value, "" where the sheet has no such cell."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[column - 1] if column <= len(cells) else ""

    def reference(self, row: int, column: int, last_column: int | None = None) -> str:
        """ "Occ F2!W49", or "RD T1!A7:G7" with a last column."""
        return f"{self.name}!{a1(row, column)}" + (f":{a1(row, last_column)}" if last_column else "")

    def expect(self, cell: str, expected: Sequence[Any]) -> None:
        """Check that a run of cells from ``cell`` to the right holds exactly these values.

        Raises:
            SchemaDrift: it does not; ``found`` says what is there and, if the run is elsewhere on the sheet, where.
        """
        row, column = position(cell)
        found = [self.value(row, column + offset) for offset in range(len(expected))]
        if found != list(expected):
            elsewhere = self.find(expected)
            place = f"; the run starts at {self.reference(*elsewhere)}" if elsewhere else ""
            last = column + len(expected) - 1
            raise self.drift(f"{list(expected)} in {self.reference(row, column, last)}", f"{found}{place}")

    def find(self, run: Sequence[Any]) -> tuple[int, int] | None:
        """Row and column where a run of adjacent cells first starts, row by row."""
        for number_, cells in enumerate(self.rows, start=1):
            for start in range(len(cells) - len(run) + 1):
                if cells[start] == run[0] and list(cells[start : start + len(run)]) == list(run):
                    return number_, start + 1
        return None

    def header(self, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        """The first row that holds all these headers, and each one's column. Names are compared by ``header_key``.

        Raises:
            SchemaDrift: no row holds them all.
        """
        closest: list[str] = []
        for number_, cells in enumerate(self.rows, start=1):
            columns = {header_key(cell): column for column, cell in reversed(list(enumerate(cells, start=1)))}
            held = {name: columns[header_key(name)] for name in names if header_key(name) in columns}
            if len(held) == len(names):
                return number_, held
            closest = max(closest, list(held), key=len)
        raise self.drift(f"one header row with {list(names)}", f"at best a row lacking {[name for name in names if name not in closest]}")

    def drift(self, expected: object, found: object) -> SchemaDrift:
        return SchemaDrift(
            f"sheet {self.name!r} of {self.source} is not laid out as agreed",
            rule="workbook_layout",
            expected=expected,
            found=found,
            action="compare the workbook with the dataset's contract; if the publisher changed it, change the contract and its test",
        )


def open_workbook(source: Path | bytes, name: str) -> CalamineWorkbook:
    """Open a workbook from its file or its bytes.

    Args:
        source: a path, or the bytes of an archive member.
        name: what to call it in messages.

    Raises:
        UnexpectedPayload: it is no workbook (HTML, nothing, cut short).
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(BytesIO(source if isinstance(source, bytes) else source.read_bytes()))
    except (CalamineError, OSError) as error:
        raise _broken(name, error) from error


def read_sheet(workbook: CalamineWorkbook, sheet: str, name: str) -> Sheet:
    """Read one sheet whole.

    Raises:
        SchemaDrift: the workbook has no such sheet.
        UnexpectedPayload: the sheet cannot be read.
    """
    from python_calamine import CalamineError

    if sheet not in workbook.sheet_names:
        raise Sheet(name, sheet, ()).drift(f"a sheet named {sheet!r}", workbook.sheet_names)
    try:
        # Skipping the empty area would make row 1 the first filled row and every reference wrong.
        return Sheet(name, sheet, workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
    except (CalamineError, OSError) as error:
        raise _broken(name, error) from error


def members(path: Path, name: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Members of a ZIP archive whose base name matches, one in memory at a time, in name order.

    Args:
        path: the archive.
        name: what to call it in messages.
        pattern: matched in full against the base name.

    Yields:
        The member's path in the archive and its bytes.

    Raises:
        UnexpectedPayload: the archive or a member cannot be read.
    """
    from resources.archive import open_zip

    with open_zip(path) as archive:
        for member in sorted(archive.namelist()):
            # Archives zipped on a Mac repeat every file as __MACOSX/._<name>.
            if pattern.fullmatch(PurePosixPath(member).name) and not member.startswith("__MACOSX/"):
                try:
                    body = archive.read(member)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
                    raise _broken(f"{name}/{member}", error) from error
                yield member, body


def _broken(name: str, error: Exception) -> UnexpectedPayload:
    return UnexpectedPayload(
        f"{name} cannot be read as a workbook",
        rule="readable_workbook",
        expected="an Excel workbook",
        found=f"{type(error).__name__}: {error}",
        action="look at the archived bytes; fetch again if they are cut short",
    )
