"""What the fault matrix is made of: the faults, what each publisher is asked for, and a refresh without Dagster.

Belongs here: choosing which data sets a case concerns, putting a fault in their way, and reading what came of it. Does not belong here:
what must hold of a case (test_matrix).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset, Resource
from observatory_assets.ingest import Outcome, ingest, lookup
from observatory_assets.sample.publisher import Publisher
from resources.errors import AuditFailed, ObservatoryError, PermanentFetchError, SchemaDrift, TransientFetchError, UnexpectedPayload
from resources.observatory import Observatory
from sensors.releases import Look, look_at_all
from tests.faults.drift import question

EARLIER = "an earlier release"  # marker of a data set made due again
AT_ONCE = 3  # data sets of one publisher a case concerns; they take turns from fault to fault
PAYLOADS_OF_ONE = 3  # the first failing payload ends a fetch, and one data set has 243


@dataclass(frozen=True)
class Fault:
    """One column of the matrix.

    Args:
        name: as the table shows it.
        kind: fault of the bundled publisher; None where the bodies themselves are changed.
        errors: classes one of which the refusal must have; none where the release must be taken in after all.
        rules: rules one of which was broken; none where any may be.
        whole: every answer of the publisher, else the payloads alone.
        once: only the first request of each address fails.
        quarantined: whether whole bodies arrive and are kept for inspection.
        settings: limits that make the case short.
    """

    name: str
    kind: str | None
    errors: tuple[type[ObservatoryError], ...] = ()
    rules: tuple[str, ...] = ()
    whole: bool = False
    once: bool = False
    quarantined: bool = False
    settings: Mapping[str, float] = field(default_factory=dict)


SHORT = {"marker_timeout_seconds": 0.8, "read_timeout_seconds": 0.8, "fetch_attempts": 1}
SILENT = ("connection",)
# Some publishers' clients say what a refusal means with them: refused keys, a withdrawn version, a page where JSON should be.
BLOCKED, NO_DATA = ("http_status", "credentials", "withdrawn"), ("not_html", "json", "ons_page")
TRANSPORT = ("connection", "http_status", "not_html", "not_empty", "body_deadline", "max_body_bytes", "gzip_whole", "json")  # whose errors name the address
FAULTS = (
    Fault("down", "down", (TransientFetchError,), SILENT, whole=True),
    Fault("500", "http:500", (TransientFetchError,), ("http_status",), whole=True),
    Fault("403 blocked", "http:403", (PermanentFetchError,), BLOCKED, whole=True),
    Fault("429 for an hour", "http:429:retry-after=3600", (TransientFetchError,), ("http_status",), whole=True),
    Fault("silent past timeout", "timeout", (TransientFetchError,), SILENT, whole=True, settings=SHORT),
    Fault("HTML 200 everywhere", "html_200", (UnexpectedPayload,), NO_DATA, whole=True),
    Fault("503 once", "http:503", once=True),
    Fault("429 once", "http:429:retry-after=0", once=True),
    Fault("slow past timeout", "slow", (TransientFetchError,), ("body_deadline",), settings={"body_deadline_seconds": 0.3}),
    Fault("reset mid-body", "reset", (TransientFetchError,), SILENT),
    Fault("truncated", "truncate", (TransientFetchError,), SILENT),
    Fault("HTML 200", "html_200", (UnexpectedPayload,), NO_DATA),
    Fault("empty", "empty", (UnexpectedPayload, TransientFetchError), ("not_empty", "json", "gzip_whole")),
    Fault("wrong content type", "wrong_type", (UnexpectedPayload, SchemaDrift)),
    # What follows the end of a packed body is refused before it is counted; a packed body of no bytes has no end.
    Fault("oversized", "oversized", (PermanentFetchError, TransientFetchError), ("max_body_bytes", "gzip_whole")),
    Fault("redirect elsewhere", "redirect:https://elsewhere.example/data", (PermanentFetchError,), ("allowed_hosts",)),
    Fault("schema drift", None, (SchemaDrift, UnexpectedPayload, AuditFailed), quarantined=True),
)


@dataclass(frozen=True)
class Asked:
    """What one data set asks for: the hosts of its marker and of its addresses, and its payloads."""

    dataset: Dataset
    marker_hosts: frozenset[str]
    other_hosts: frozenset[str]
    payloads: tuple[Resource, ...]

    @property
    def hosts(self) -> frozenset[str]:
        return self.marker_hosts | self.other_hosts | {question(one)[0] for one in self.payloads}

    def payloads_of(self, host: str) -> list[Resource]:
        return [one for one in self.payloads if question(one)[0] == host]


def what_is_asked(observatory: Observatory, publisher: Publisher) -> dict[str, Asked]:
    """By slug, what each data set that asks anybody asks for."""
    found = {}
    for dataset in all_datasets():
        with lookup(observatory, dataset) as asking:
            publisher.requests.clear()
            marker = dataset.find_marker(asking)
            of_marker = frozenset(served.host for served in publisher.requests)
            resources = dataset.find_resources(asking, marker)
            of_all = frozenset(served.host for served in publisher.requests)
        asked = Asked(dataset, of_marker, of_all, tuple(one for one in resources if one.file is None))
        if asked.hosts:
            found[dataset.slug] = asked
    return found


def concerned(asked: Mapping[str, Asked], host: str, fault: Fault) -> tuple[list[Asked], bool]:
    """The data sets a case takes in, in turn from fault to fault, and whether the fault lies on everything of the publisher.

    A publisher that only says where files are (www.gov.uk of the projections) has no payloads: there, what it says is spoilt.
    """
    of_host = [one for one in asked.values() if host in one.hosts]
    giving = [one for one in of_host if one.payloads_of(host)]
    pool = of_host if fault.whole or not giving else giving
    first = FAULTS.index(fault) * AT_ONCE % len(pool)
    return (pool[first:] + pool[:first])[:AT_ONCE], fault.whole or not giving


def inject(publisher: Publisher, host: str, fault: Fault, chosen: Sequence[Asked], everything: bool) -> None:
    """Put the fault in the way of the chosen data sets."""
    if everything:
        publisher.inject(host, None, fault.kind, 1 if fault.once else None)
        return
    for one in chosen:
        for resource in one.payloads_of(host)[:PAYLOADS_OF_ONE]:
            _, path, query = question(resource)
            publisher.inject(host, path, fault.kind, 1 if fault.once else None, method="POST" if resource.posted else "GET", query=query)


def make_due(observatory: Observatory, slugs: Sequence[str]) -> None:
    """As if the current marker had appeared since the last look."""
    for slug in slugs:
        observatory.lake.look(slug, marker=EARLIER)
        observatory.lake.satisfy(slug, EARLIER, observatory.lake.latest(slug).release_id)


@dataclass
class Round:
    """One refresh without Dagster: looks, what was taken in, and what was refused."""

    looks: dict[str, Look]
    taken: dict[str, Outcome] = field(default_factory=dict)
    refused: dict[str, ObservatoryError] = field(default_factory=dict)


def refresh_raw(observatory: Observatory, looked_at: Sequence[Dataset], taken_in: Sequence[str]) -> Round:
    """Look at the data sets as a refresh does, then ingest those of ``taken_in`` that are due."""
    done = Round({look.dataset.slug: look for look in look_at_all(observatory, looked_at)})
    for slug, look in done.looks.items():
        if slug in taken_in and look.marker is not None and observatory.lake.satisfied_marker(slug) != look.marker:
            try:
                done.taken[slug] = ingest(observatory, look.dataset)
            except ObservatoryError as error:
                done.refused[slug] = error
    return done


def link_tree(source: Path, target: Path) -> Path:
    """A copy of a state folder by hard links: its files are never written to, only replaced."""
    for folder, _, names in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            os.link(Path(folder) / name, there / name)
    return target


Files = dict[str, tuple[int, int, int]]


def files(home: Path) -> Files:
    """Every file of a state folder with inode, size and time of change: equal before and after, no byte of it was written."""
    found = {}
    for folder, _, names in os.walk(home):
        for name in names:
            path = os.path.join(folder, name)
            stat = os.stat(path)
            found[os.path.relpath(path, home)] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return found


def restore(home: Path, source: Path, listing: Files) -> None:
    """Make ``home`` the copy of ``source`` again that it was when ``listing`` was taken; a new copy for each case took longer than the case."""
    now = files(home)
    for path in [path for path, stat in now.items() if listing.get(path) != stat]:
        (home / path).unlink()
        for folder in (home / path).relative_to(home).parents:
            if not any((home / folder).iterdir()) and not (source / folder).exists():
                (home / folder).rmdir()
    for path in [path for path, stat in listing.items() if now.get(path) != stat]:
        os.link(source / path, home / path)
