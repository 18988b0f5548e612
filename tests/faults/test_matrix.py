"""Each publisher × each fault: what it breaks is refused by name, what is held stays, and everybody else's releases come in.

A case starts from a state folder that holds the first release of every data set, while the publishers have gone on to the second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from observatory_assets import ingest as ingest_module
from observatory_assets.datasets import all_datasets
from observatory_assets.ingest import ingest
from observatory_assets.quality.suite import CheckResult, audit
from observatory_assets.sample.build import place_dropped
from observatory_assets.sample.publisher import Publisher
from observatory_assets.status import Status, statuses
from resources import http
from resources.observatory import Observatory
from resources.settings import Settings
from resources.warehouse import exclusive
from tests.faults.drift import drifted_recording
from tests.faults.matrix import (
    FAULTS,
    TRANSPORT,
    Asked,
    Fault,
    Files,
    Round,
    concerned,
    files,
    inject,
    link_tree,
    make_due,
    refresh_raw,
    restore,
    what_is_asked,
)

HELD = ("archive/", "lake/raw/", "lake/releases/", "serving/")
MANY = 100  # payloads: healing one such data set (243) takes longer than the rest of its case, so it is healed once
PUBLISHERS = sorted({host for dataset in all_datasets() for host in dataset.hosts})
EVERY = "EVERY_FAULT" in os.environ  # set by `make faults`
CASES = [
    # Two groups, so that two processes share the matrix. The whole test suite runs a diagonal of it, every publisher with two
    # or three faults and every fault with two publishers: all 238 cases take 3 min 30 s of CPU.
    pytest.param(host, fault, id=f"{host}-{fault.name.replace(' ', '_')}", marks=pytest.mark.xdist_group(f"matrix {row % 2}" if EVERY else "matrix"))
    for row, host in enumerate(PUBLISHERS)
    for column, fault in enumerate(FAULTS)
    if EVERY or (row + column) % 7 == 0
]


@dataclass
class Bench:
    """What every case shares: the state folder and the files it holds at first, both publishers, and what is asked of whom."""

    home: Path
    listing: Files
    publisher: Publisher
    drifted: Publisher
    asked: dict[str, Asked]
    canaries: list[Asked]
    largest_body: int

    def observatory(self, home: Path, **settings: object) -> Observatory:
        return Observatory(Settings(home=home, profile="sample", publisher_address=self.publisher.address, backoff_seconds=0.0, **settings))

    def healthy(self) -> None:
        self.publisher.faults.clear()
        self.publisher.requests.clear()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that xdist's processes share."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "faults"


@pytest.fixture(scope="module")
def first_releases(sample_recording: Path, shared: Path) -> Path:
    """A state folder that holds the first release of every data set, made by the first process that needs it; read only."""
    home = shared / "home"
    with exclusive(shared / "lock", timeout_seconds=300, purpose="the first releases"):
        if not (shared / "whole").exists():
            shutil.rmtree(home, ignore_errors=True)
            place_dropped(sample_recording, home / "inbox", 1)
            (home / "serving").mkdir()
            (home / "serving" / "observatory.duckdb").write_bytes(b"the published build")
            with Publisher(sample_recording) as publisher, pytest.MonkeyPatch.context() as patch:
                patch.setattr(ingest_module, "audit", lambda *_: [])  # 10 s of 15; tests/ingest audits these releases
                for dataset in all_datasets():
                    settings = Settings(home=home, profile="sample", publisher_address=publisher.address, backoff_seconds=0.0)
                    assert ingest(Observatory(settings), dataset).changed, dataset.slug
            (shared / "whole").touch()
    return home


@pytest.fixture(scope="module", autouse=True)
def audited_once() -> Iterator[None]:
    """An audit is a function of its tables, and costs 0.1 to 1 s: the same tables are audited once."""
    known: dict[tuple[str, ...], list[CheckResult]] = {}

    def content(table) -> str:
        if table is None:
            return ""
        written = pa.BufferOutputStream()
        with pa.ipc.new_stream(written, table.schema) as stream:
            stream.write_table(table.set_column(table.schema.get_field_index("_release_id"), "_release_id", pa.nulls(len(table), pa.string())))
        return hashlib.sha256(written.getvalue()).hexdigest()

    def audit_once(table, candidate, previous):
        key = (table.name, content(candidate), content(previous))
        if key not in known:
            known[key] = audit(table, candidate, previous)
        return list(known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest_module, "audit", audit_once)
        yield


@pytest.fixture(scope="module")
def bench(sample_recording: Path, first_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The publishers in their second phase, and the data sets whose second release is natural and small."""
    folder = tmp_path_factory.mktemp("bench")
    with Publisher(sample_recording, phase=2) as publisher:
        home = link_tree(first_releases, folder / "home")
        listing = files(home)
        observatory = Observatory(Settings(home=home, profile="sample", publisher_address=publisher.address, backoff_seconds=0.0))
        asked = what_is_asked(observatory, publisher)
        of_host = {host: [one for one in asked.values() if host in one.hosts] for host in PUBLISHERS}
        silent = {host for host, those in of_host.items() if those and not any(one.payloads_of(host) for one in those)}
        payloads = [resource for one in asked.values() for resource in one.payloads]
        drifted = drifted_recording(sample_recording, folder / "drifted", payloads, silent)
        looks = refresh_raw(observatory, [one.dataset for one in asked.values()], []).looks
        new = [one for slug, one in asked.items() if looks[slug].marker not in (None, observatory.lake.satisfied_marker(slug))]
        canaries = sorted(new, key=lambda one: 50 * len(one.payloads) + observatory.lake.latest(one.dataset.slug).rows)
        largest = max(path.stat().st_size for path in (sample_recording / "bodies").iterdir())
        publisher.oversized_bytes, publisher.slow_pause_seconds = 2 * 1024**2, 0.02
        with Publisher(drifted, phase=2) as other:
            restore(home, first_releases, listing)
            yield Bench(home, listing, publisher, other, asked, canaries, largest)


@pytest.fixture
def home(bench: Bench, first_releases: Path) -> Iterator[Path]:
    """The state folder with the first releases, as it was before and after; the publishers are healthy."""
    bench.healthy()
    yield bench.home
    bench.healthy()
    restore(bench.home, first_releases, bench.listing)


def others(bench: Bench, host: str, number: int) -> list[Asked]:
    """Two data sets of two other publishers with a natural second release; they take turns."""
    away: list[Asked] = []
    for one in bench.canaries:
        if host not in one.hosts and not any(one.hosts & other.hosts for other in away):
            away.append(one)
    away = away[:5]  # the smallest: an Excel file of 3,000 rows takes ten times as long to read as these
    first = number % len(away)
    return (away[first:] + away[:first])[:2]


@pytest.mark.parametrize(("host", "fault"), CASES)
def test_a_fault_of_one_publisher(
    host: str, fault: Fault, bench: Bench, home: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    started = time.monotonic()
    if not any(host in one.hosts for one in bench.asked.values()):
        pytest.skip(f"nothing of the sample asks {host}")
    chosen, everything = concerned(bench.asked, host, fault)
    canaries = others(bench, host, FAULTS.index(fault))
    ours, theirs = [one.dataset.slug for one in chosen], [one.dataset.slug for one in canaries]
    row = [host, fault.name, ", ".join(ours), "", ", ".join(theirs), ""]
    try:
        limit = bench.largest_body + 64 * 1024
        monkeypatch.setattr(http, "DOCUMENT_LIMIT", limit)
        elsewhere = {host: f"{bench.drifted.address}/{host}"} if fault.kind is None else {}
        faulty = bench.observatory(home, base_addresses=elsewhere, max_body_bytes=limit, **{"fetch_attempts": 2, **fault.settings})
        make_due(faulty, ours)
        if fault.kind is not None:
            inject(bench.publisher, host, fault, chosen, everything)
        looked_at = [one.dataset for one in (bench.asked.values() if fault.whole else [*chosen, *canaries])]
        latest = {slug: faulty.lake.latest(slug) for slug in bench.asked}

        done = refresh_raw(faulty, looked_at, [*ours, *theirs])
        row[3] = in_words(done, ours)

        after = files(home)
        changed = [path for path, stat in bench.listing.items() if path.startswith(HELD) and after.get(path) != stat]
        assert not changed, "what was held is held byte for byte"
        check_lake(faulty, home)
        check_others(faulty, done, theirs, [one for one in bench.asked.values() if host not in one.hosts])
        states = {status.dataset: status for status in statuses(faulty)}
        if fault.once and not everything:
            assert not done.refused and set(done.taken) >= set(ours)
            check_current(states, ours)
        elif not (fault.once and everything):
            for slug in ours:
                check_refusal(done, slug, host, fault)
                assert faulty.lake.latest(slug) == latest[slug]
                check_status(states[slug], done, host)
                if fault.quarantined and slug in done.refused and done.refused[slug].release != done.looks[slug].marker:
                    assert [one["release_id"] for one in faulty.lake.quarantined(slug)] == [done.refused[slug].release]
        promoted = {slug for slug in bench.asked if faulty.lake.latest(slug) != latest[slug]}
        assert promoted <= {slug for slug, outcome in done.taken.items() if outcome.changed}

        bench.healthy()
        healed = bench.observatory(home)
        if len(chosen[0].payloads) < MANY or fault is FAULTS[0]:
            again = refresh_raw(healed, [chosen[0].dataset], ours[:1])
            assert not again.refused and not again.looks[ours[0]].problem
            check_current({status.dataset: status for status in statuses(healed)}, ours[:1])
    finally:
        row[5] = f"{time.monotonic() - started:.2f}"
        record_property("row", row)


def in_words(done: Round, slugs: list[str]) -> str:
    """What came of the data sets concerned, for the table."""
    words: dict[str, int] = {}
    for slug in slugs:
        look = done.looks[slug]
        if look.problem:
            said = "not asked, its publisher being silent" if "not asked" in look.problem else f"look failed: {rule_of(look.problem)}"
        elif slug in done.refused:
            said = f"{type(done.refused[slug]).__name__}: {(done.refused[slug].rule or '').split(', ')[0]}"
        elif slug in done.taken:
            said = "taken in" if done.taken[slug].changed else "taken in, same bytes"
        else:
            said = "nothing new"
        words[said] = words.get(said, 0) + 1
    return "; ".join(f"{count} {said}" for said, count in words.items())


def rule_of(text: str) -> str:
    return next((line.partition("rule:")[2].strip() for line in text.splitlines() if line.strip().startswith("rule:")), "")


def check_refusal(done: Round, slug: str, host: str, fault: Fault) -> None:
    """The look or the ingest failed by the right rule, and says everything a reader needs."""
    problem = done.looks[slug].problem
    error = done.refused.get(slug)
    assert problem or error, f"{slug} was not refused: {done.taken.get(slug)}"
    text = problem or str(error)
    assert f"[{slug}]" in text
    if problem and "not asked" in problem:
        assert host in problem
        return
    assert all(label in text for label in ("rule:", "expected:", "found:", "do:")), text
    assert not fault.rules or rule_of(text) in fault.rules, text
    assert rule_of(text) != "parse", text
    if error is not None:
        assert isinstance(error, fault.errors), text
        assert error.dataset == slug and error.release
    if rule_of(text) in TRANSPORT:
        assert host in text, text


def check_lake(observatory: Observatory, home: Path) -> None:
    """Every folder of raw tables is one that a commit names, and nothing is half done."""
    named = {table.path for dataset in all_datasets() for release in observatory.lake.releases(dataset.slug) for table in release.tables.values()}
    there = {str(path.relative_to(home / "lake")) for path in (home / "lake" / "raw").glob("*/*/*")}
    assert there == named
    assert not [*(home / "lake" / "incoming").glob("*"), *(home / "archive" / "incoming").glob("*")]


def check_others(observatory: Observatory, done: Round, slugs: list[str], unconcerned: list[Asked]) -> None:
    """Two others' new releases are promoted, and every other data set looked at shows its marker."""
    assert len(slugs) == 2
    for slug in slugs:
        assert done.taken[slug].changed, slug
        assert observatory.lake.latest(slug).release_id == done.taken[slug].release.release_id
    assert not [done.looks[one.dataset.slug].problem for one in unconcerned if one.dataset.slug in done.looks and done.looks[one.dataset.slug].problem]


def check_status(status: Status, done: Round, host: str) -> None:
    """Status shows that what is held is not the latest, and why."""
    assert status.is_stale and status.release is not None and status.age is not None
    if done.looks[status.dataset].problem:
        assert status.state == "publisher not answering"
    else:
        assert status.state == "new release not yet good"
    assert f"[{status.dataset}]" in status.problem or "quarantined" in status.problem
    assert host in status.problem or rule_of(status.problem) not in TRANSPORT


def check_current(states: dict[str, Status], slugs: list[str]) -> None:
    assert [(slug, states[slug].state, states[slug].problem) for slug in slugs] == [(slug, "current", "") for slug in slugs]


@pytest.mark.xdist_group("matrix 0" if EVERY else "matrix")
def test_every_publisher_of_the_sample_has_its_rows(bench: Bench) -> None:
    asked = {host for one in bench.asked.values() for host in one.hosts}
    assert asked <= set(PUBLISHERS)
    assert len(asked) > 10
    turns = {one.dataset.slug for host in asked for fault in FAULTS for one in concerned(bench.asked, host, fault)[0]}
    assert turns == set(bench.asked), "every data set that asks anybody has its turn"
