"""Excel workbooks too large to hold: one sheet at a time, row by row.

Belongs here: streaming rows out of an .xlsx. Does not belong here: workbooks of a few megabytes (publishers.workbooks), or any layout.

openpyxl's read-only mode was chosen over python-calamine by measuring both on a 50 MB workbook of 10.6 million cells, the size of the
ONS labour demand file: openpyxl 89 s and 49 MB at its peak, calamine 7 s and 477 MB (a sheet is held whole, twice while it is built,
and the file grows every month). Reading the wanted rows of it into Arrow takes 96 s and 218 MB in all, once a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from observatory_assets.publishers.workbooks import Sheet
from resources.errors import UnexpectedPayload


class LargeWorkbook:
    """An open workbook; ``name`` is what messages call it."""

    def __init__(self, workbook: Any, name: str) -> None:
        self._workbook = workbook
        self.name = name

    @property
    def sheets(self) -> list[str]:
        """Names of the worksheets, in the workbook's order."""
        return [sheet.title for sheet in self._workbook.worksheets]

    def rows(self, sheet: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Each row's number, from 1, and its cells from column A on; an empty cell is None and rows may differ in length.

        Raises:
            SchemaDrift: the workbook has no such sheet.
            UnexpectedPayload: the sheet cannot be read.
        """
        if sheet not in self.sheets:
            raise Sheet(self.name, sheet, ()).drift(f"a sheet named {sheet!r}", self.sheets)
        worksheet = self._workbook[sheet]
        try:
            # Some writers state a wrong used range, often A1 alone, and read-only mode believes it.
            worksheet.reset_dimensions()
            rows = enumerate(worksheet.iter_rows(values_only=True), start=1)
        except Exception as error:
            raise _broken(self.name, error) from error
        while True:
            try:
                row = next(rows, None)
            except Exception as error:  # whatever XML and ZIP readers raise on damaged bytes
                raise _broken(self.name, error) from error
            if row is None:
                return
            yield row


@contextmanager
def open_large_workbook(path: Path, name: str) -> Iterator[LargeWorkbook]:
    """Open a workbook for streaming.

    Args:
        path: the file; it stays open until the end of ``with``.
        name: what to call it in messages.

    Raises:
        UnexpectedPayload: it is no workbook (HTML, nothing, cut short).
    """
    from openpyxl import load_workbook

    with path.open("rb") as file:
        try:
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # the library lets through whatever its ZIP and XML readers raise
            raise _broken(name, error) from error
        try:
            yield LargeWorkbook(workbook, name)
        finally:
            workbook.close()


def _broken(name: str, error: Exception) -> UnexpectedPayload:
    return UnexpectedPayload(
        f"{name} cannot be read as a workbook",
        rule="readable_workbook",
        expected="an Excel workbook",
        found=f"{type(error).__name__}: {error}",
        action="look at the archived bytes; fetch again if they are cut short",
    )
