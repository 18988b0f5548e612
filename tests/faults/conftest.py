"""The table of the fault matrix: one row per case, printed at the end of a run that names this folder (``make faults``).

Belongs here: collecting the rows, which cross from xdist's processes as user properties, and printing them. Does not belong here: any case.
"""

from __future__ import annotations

import pytest

HEADINGS = ("publisher", "fault", "data sets concerned", "outcome", "others refreshed", "seconds")
WIDTHS = (34, 24, 60, 64, 44, 8)  # the longest host name has 52 letters; what does not fit is cut in the middle


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the rows of every case that made one, failed ones included."""
    rows = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            properties = dict(getattr(report, "user_properties", ()))
            if "row" in properties and report.when == "call":
                rows.append(
                    [*properties["row"][:3], properties["row"][3] if outcome == "passed" else f"FAILED: {properties['row'][3]}", *properties["row"][4:]]
                )
    if not rows:
        return
    terminalreporter.write_sep("=", f"fault matrix: {len(rows)} cases")
    for row in (HEADINGS, *sorted(rows)):
        terminalreporter.write_line("  ".join(_fitted(str(cell), width) for cell, width in zip(row, WIDTHS, strict=True)).rstrip())


def _fitted(text: str, width: int) -> str:
    half = (width - 1) // 2
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1 - half]}…{text[-half:]}"
