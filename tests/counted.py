"""Running a part of the tests by itself, with a last line that says how it went.

Belongs here: pytest with a count. Does not belong here: which tests (tests.faults, tests.evidence).
"""

from __future__ import annotations

import sys

import pytest


class Count:
    """Counts tests by outcome; a test whose fixture breaks has failed too."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def run(arguments: list[str]) -> int:
    """Run pytest and print ``N passed, N failed``.

    Args:
        arguments: of pytest.

    Returns:
        0 when everything passed and something ran.
    """
    count = Count()
    code = pytest.main(arguments, plugins=[count])
    sys.stdout.flush()
    print(f"{count.passed} passed, {count.failed} failed", flush=True)
    return int(code) or int(count.failed > 0 or count.passed == 0)
