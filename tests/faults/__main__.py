"""``python -m tests.faults``: the fault matrix alone; its last line is ``N passed, N failed`` and its exit code says the same.

Belongs here: which tests these are. Does not belong here: any case, or the table (conftest).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.counted import run


def main(arguments: list[str]) -> int:
    """Run this folder and kill -9 at every stage, with what the whole test suite leaves out of it; returns 0 when all passed.

    Args:
        arguments: go to pytest.
    """
    os.environ["EVERY_FAULT"] = "1"  # xdist's processes inherit it
    folder = Path(__file__).parent
    return run([str(folder), str(folder.parent / "end_to_end" / "test_kill.py"), *arguments])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
