"""Every real recorded file is read by somebody: each is claimed once by a module of this folder, and replayed.

Belongs here: collecting the replays and holding them against the files there are. Does not belong here: any one file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from resources.settings import PROJECT_ROOT

CLAIMS: list[tuple[str, Callable[[Path], dict[str, int]]]] = [
    claim
    for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    if not module.name.startswith("test_")
    for claim in importlib.import_module(f"tests.replay.{module.name}").REPLAYS.items()
]
RECORDED = PROJECT_ROOT.parent / "shared" / "data"


def real_files(folder: Path) -> set[str]:
    """Paths of the real files below the recorded payloads."""
    paths = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in paths if path.name != "README.md" and path.parts[0] != "constructed"}


@functools.cache
def replayed(name: str) -> dict[str, int]:
    """Rows read of a real file, by table."""
    return dict(CLAIMS)[name](RECORDED / name)


def test_every_real_file_is_claimed_exactly_once(recorded: Path) -> None:
    claimed = Counter(name for name, _ in CLAIMS)
    assert not [name for name, times in claimed.items() if times > 1], "claimed twice"
    assert not sorted(real_files(recorded) - set(claimed)), "claimed by nobody"
    assert not sorted(set(claimed) - real_files(recorded)), "claimed, but not there"


@pytest.mark.parametrize("name", [name for name, _ in CLAIMS])
def test_a_real_file_is_read(recorded: Path, name: str) -> None:
    if not (recorded / name).is_file():
        pytest.skip(f"{name} is not among the recorded payloads here")
    rows = replayed(name)
    assert rows and all(isinstance(count, int) and count > 0 for count in rows.values()), rows


def test_the_table_of_rows_read(recorded: Path) -> None:
    """Seen with ``pytest -s``: what every file gave."""
    lines = [f"{name:<80} {table:<45} {count:>9,}" for name, _ in sorted(CLAIMS) if (recorded / name).is_file() for table, count in replayed(name).items()]
    print("\n" + "\n".join(lines))
    assert len(lines) >= len([name for name, _ in CLAIMS if (recorded / name).is_file()])
