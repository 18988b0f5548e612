"""Workbooks and archives of the sample as bytes that are the same every time.

Belongs here: saving without the clock. Does not belong here: any workbook's content.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can state


def workbook_bytes(workbook: Workbook) -> bytes:
    """Save a workbook. openpyxl writes the current time into docProps/core.xml and into every ZIP entry; both are taken out."""
    buffer = BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as saved:
        files = {name: saved.read(name) for name in saved.namelist()}
    core = "docProps/core.xml"
    files[core] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", files[core])
    return zip_bytes(files)


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these members, in the order given."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
