"""``python -m tests.faults``: the fault matrix alone; its last line is ``N passed, N failed`` and its exit code says the same.

Belongs here: running pytest on this folder and counting. Does not belong here: any case, or the table (conftest).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


class Count:
    """Counts tests by outcome; a test whose fixture breaks has failed too."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def main(arguments: list[str]) -> int:
    """Run this folder and kill -9 at every stage, with what the whole test suite leaves out of it.

    Args:
        arguments: go to pytest.

    Returns:
        0 when everything passed and something ran.
    """
    os.environ["EVERY_FAULT"] = "1"  # xdist's processes inherit it
    count, folder = Count(), Path(__file__).parent
    code = pytest.main([str(folder), str(folder.parent / "end_to_end" / "test_kill.py"), *arguments], plugins=[count])
    sys.stdout.flush()
    print(f"{count.passed} passed, {count.failed} failed", flush=True)
    return int(code) or int(count.failed > 0 or count.passed == 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
