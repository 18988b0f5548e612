"""``python -m tests.evidence``: what shows that the numbers can be trusted, alone; its last line is ``N passed, N failed`` and its exit code says the same.

Belongs here: running pytest on what is marked ``evidence`` and counting. Does not belong here: any case.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.counted import run


def main(arguments: list[str]) -> int:
    """Run everything marked ``evidence``, with what the whole test suite leaves out of it; what is skipped is listed with its reason.

    Args:
        arguments: go to pytest.

    Returns:
        0 when all passed.
    """
    os.environ["OBSERVATORY_EVIDENCE"] = "1"  # xdist's processes inherit it
    return run([str(Path(__file__).parents[1]), "-m", "evidence", "-rs", *arguments])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
