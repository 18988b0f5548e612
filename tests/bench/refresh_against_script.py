"""`make bench`: what the observatory costs beside one plain script that builds the same marts from the same payloads.

Belongs here: running the two as whole processes in turn, comparing their marts, and the table. Does not belong here: the script, or any limit on time.

A is `observatory refresh` on an empty state folder, B is tests.bench.plain_script on an empty folder; both ask one publisher on loopback that runs in
this process, so its cost is in neither. They run A B A B … after one warm-up each and ratios are taken pair by pair, because a shared machine's speed
drifts more between minutes than within a pair. CPU seconds (user + system, of the process and what it waited for) are steadier than wall seconds.
Exit code 1 if any mart differs; a slow run is only shown.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from observatory_assets.sample.build import build_sample
from observatory_assets.sample.publisher import Publisher
from resources.settings import PROJECT_ROOT, Settings
from tests.bench.plan import differences, make_plan

GOAL = 6.0  # performance.md, goal 2
STEP = re.compile(r"✓ (\S+)  ([\d.]+) s")
GROUPS = {"ingest": r"ingest_.*", "dbt": r"dbt_.*|release_register", "matching": r"match_.*", "simulation": r"simulate_gap", "publication": r"serving__.*"}


@dataclass(frozen=True)
class Measured:
    """One whole process: wall and CPU seconds, peak MiB, and what it printed."""

    wall: float
    cpu: float
    peak: float
    output: str


def measure(arguments: Sequence[str], **variables: str) -> Measured:
    """Run Python with these arguments and these variables added to the environment; raises RuntimeError with its output if it fails."""
    # Without bytecode every process would compile 6,000 modules anew, which `make` also prevents.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as printed:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], cwd=PROJECT_ROOT, env=inherited | variables, stdout=printed, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        output = printed.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}\n{output}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


class Bench:
    """Both sides over one publisher, in one scratch folder. The state folder keeps its path, as a real one does."""

    def __init__(self, folder: Path, address: str) -> None:
        self.address, self.home, self.plain, self.plan = address, folder / "home", folder / "plain", folder / "plan.json"

    def refresh(self, *, afresh: bool = True) -> Measured:
        """A: `observatory refresh`, on an empty state folder or (nothing new) on the one left by the last."""
        if afresh:
            shutil.rmtree(self.home, ignore_errors=True)
        variables = {"OBSERVATORY_HOME": str(self.home), "OBSERVATORY_PROFILE": "sample", "OBSERVATORY_PUBLISHER_ADDRESS": self.address}
        return measure(["-m", "observatory_assets.cli", "refresh"], **variables)

    def script(self) -> Measured:
        """B: the plain script, on an empty folder."""
        shutil.rmtree(self.plain, ignore_errors=True)
        if not self.plan.exists():
            self.plan.write_text(json.dumps(make_plan(Settings(home=self.home, profile="sample"))))
        return measure(["-m", "tests.bench.plain_script", str(self.plan), self.address, str(self.plain)])

    def differences(self) -> list[str]:
        """Marts that the last refresh and the last script made differently."""
        return differences(self.home / "serving" / "observatory.duckdb", self.plain / "observatory.duckdb")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the pairs and print; returns the exit code."""
    parser = argparse.ArgumentParser(description="The sample refresh (A) against one plain script (B) that builds the same marts.")
    parser.add_argument("--pairs", type=int, default=3, help="measured pairs after one warm-up of each (default 3)")
    pairs = parser.parse_args(argv).pairs
    for name in [name for name in os.environ if name.startswith("OBSERVATORY_")]:
        del os.environ[name]  # both sides run on the default settings, whatever `make` exports
    with tempfile.TemporaryDirectory(prefix="observatory-bench-") as scratch, Publisher(build_sample(Path(scratch) / "recording")) as publisher:
        bench = Bench(Path(scratch), publisher.address)
        print(f"{pairs} pairs after a warm-up; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
        measured, different = [], []
        for number in range(pairs + 1):
            pair = bench.refresh(), bench.script()
            different += bench.differences()
            measured.append(pair)
            print(f"  {f'pair {number}' if number else 'warm-up'}: {_of(pair)}", flush=True)
        again, imported = bench.refresh(afresh=False), measure(["-c", "import observatory_assets.definitions"])
    for line in different:
        print(f"MARTS DIFFER  {line}")
    if not different:
        print("marts equal row for row, release ids included; left out are the instants at which each side looked and fetched")
    _report(measured[1:] or measured, again, imported)
    return 1 if different else 0


def _of(pair: tuple[Measured, Measured]) -> str:
    a, b = pair
    return f"A {a.wall:.1f} s wall {a.cpu:.1f} s CPU · B {b.wall:.1f} s wall {b.cpu:.1f} s CPU · A/B {a.wall / b.wall:.1f} wall {a.cpu / b.cpu:.1f} CPU"


def _report(pairs: list[tuple[Measured, Measured]], again: Measured, imported: Measured) -> None:
    print(f"\n{'median (min – max)':<34}{'wall s':>22}{'CPU s':>22}{'peak MiB':>22}")
    for title, of in (
        ("A  full refresh", lambda a, b, what: getattr(a, what)),
        ("B  plain script", lambda a, b, what: getattr(b, what)),
        ("A/B, pair by pair", lambda a, b, what: getattr(a, what) / getattr(b, what)),
    ):
        print(f"{title:<34}" + "".join(f"{_spread(of(a, b, what) for a, b in pairs):>22}" for what in ("wall", "cpu", "peak")))
    for title, one in (("A again, nothing new", again), ("importing the definitions", imported)):
        print(f"{title:<34}{one.wall:>22.1f}{one.cpu:>22.1f}{one.peak:>22.1f}")
    ratio = statistics.median(a.cpu / b.cpu for a, b in pairs)
    print(f"\ngoal A/B ≤ {GOAL:g}: {ratio:.1f} by CPU, {'met' if ratio <= GOAL else 'missed'}")
    print("\nwhere A's wall seconds go (median of the pairs)")
    steps = [{name: float(seconds) for name, seconds in STEP.findall(a.output)} for a, _ in pairs]
    inside = statistics.median(sum(one.values()) for one in steps)
    print(f"  {'start, imports, looking, Dagster':<34}{statistics.median(a.wall for a, _ in pairs) - inside:>6.1f}")
    for group, pattern in GROUPS.items():
        names = [name for name in steps[0] if re.fullmatch(pattern, name)]
        print(f"  {group:<34}{statistics.median(sum(one[name] for name in names) for one in steps):>6.1f}")
        if len(names) > 1:
            print("".join(f"    {name:<32}{statistics.median(one[name] for one in steps):>6.1f}\n" for name in names), end="")


def _spread(values: Iterable[float]) -> str:
    ordered = sorted(values)
    return f"{statistics.median(ordered):.1f} ({ordered[0]:.1f} – {ordered[-1]:.1f})"


if __name__ == "__main__":
    sys.exit(main())
