"""The life of a release: promoted once, untouched when nothing changed, followed by the next, and asked for conditionally."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from observatory_assets.datasets import all_datasets, dataset_named
from observatory_assets.datasets import skills_imperative as projections
from observatory_assets.ingest import Outcome, ingest
from observatory_assets.publishers import skills_england
from observatory_assets.sample import skills_imperative as projections_sample
from observatory_assets.sample.build import place_dropped
from observatory_assets.sample.publisher import Publisher, Served
from observatory_assets.sample.recording import Entry, write_recording
from resources.archive import Stored
from resources.observatory import Observatory
from resources.settings import Settings
from tests.ingest.conftest import open_observatory

EVERY = pytest.mark.parametrize("slug", [dataset.slug for dataset in all_datasets()])
CHANGES: dict[str, set[int]] = {  # phases in which the sample has a new release, beside the first; the others have none
    "apprenticeship_programmes": {2},
    "apprenticeship_standards": {2},
    "apprenticeships": {2, 3},
    "approved_qualifications": {2},
    "aps_economic_activity": {2},
    "aps_employment": {2},
    "ashe": {2},
    "attainment_16_to_25": {2},
    "claimant_count": {2},
    "esco": {2},
    "foundation_apprenticeships": {2},
    "further_education": {2},
    "ks4_destinations": {2},
    "ks5_destinations": {2},
    "labour_demand": {2},
    "licensed_adverts": {2},
    "occupational_maps": {2},
    "ofqual_register": {2},
    "ons_release_calendar": {2},
    "skills_imperative": {3},
    "uk_ssc": {2},
}


@dataclass
class Chapter:
    """One ingest of every dataset: outcomes, the publisher's answers, and the state folder before and after."""

    outcomes: dict[str, Outcome]
    requests: dict[str, list[Served]]
    before: dict[str, tuple[int, int]]
    after: dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def story(sample_recording, own_releases, tree) -> dict[str, Chapter]:
    """The same release once more, then phases 2 and 3, on top of the first releases."""
    chapters = {}
    for name, phase in (("again", 1), ("phase 2", 2), ("phase 3", 3)):
        place_dropped(sample_recording, own_releases / "inbox", phase)
        before = tree(own_releases)
        outcomes, requests = {}, {}
        with Publisher(sample_recording, phase=phase) as publisher:
            for dataset in all_datasets():
                outcomes[dataset.slug] = ingest(open_observatory(own_releases, publisher), dataset)
                requests[dataset.slug], publisher.requests = publisher.requests, []
        chapters[name] = Chapter(outcomes, requests, before, tree(own_releases))
    return chapters


@pytest.fixture(scope="module")
def told(story, own_releases) -> Observatory:
    """The observatory at the end of the story."""
    return Observatory(Settings(home=own_releases, profile="sample"))


def data(files: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """All but the record of the last look, which every look renews."""
    return {path: stat for path, stat in files.items() if not path.startswith("lake/markers/")}


@EVERY
def test_a_first_release_is_promoted_with_all_its_tables_and_where_it_came_from(slug, first_releases):
    observatory = Observatory(Settings(home=first_releases, profile="sample"))
    dataset = dataset_named(slug)
    release = observatory.lake.releases(slug)[0]
    assert set(release.tables) == {table.name for table in dataset.tables}
    for table in dataset.tables:
        rows = observatory.lake.read(release, table.name)
        assert rows.schema.equals(table.arrow_schema())
        assert rows.num_rows == release.tables[table.name].rows >= table.minimum_rows
        assert set(rows["_release_id"].to_pylist()) == {release.release_id}
        assert rows["_source_file"].null_count == rows["_source_row"].null_count == 0
    assert release.rows == sum(table.rows for table in release.tables.values())
    assert release.is_sample and release.previous_release_id is None
    assert release.detected_at <= release.materialised_at
    assert release.known_from_basis == "publisher" or release.detected_at <= release.known_from <= release.materialised_at
    payloads = observatory.archive.payloads(slug, release.release_id)
    assert release.bytes == sum(payload.size for payload in payloads)
    assert release.sha256 == observatory.archive.fingerprint(payloads)
    assert observatory.archive.manifest(slug, release.release_id)["marker"] == release.marker


@EVERY
def test_the_same_bytes_again_change_nothing(slug, story):
    outcome = story["again"].outcomes[slug]
    assert not outcome.changed
    assert [check.__dict__ for check in outcome.checks] == outcome.release.checks, "the audit it passed is still known"
    assert data(story["again"].after) == data(story["again"].before), "no Parquet, no manifest, no object is written or touched"


@EVERY
def test_what_is_held_is_asked_for_conditionally_and_not_sent_again(slug, story, told):
    conditional = [request for request in story["again"].requests[slug] if request.conditional]
    assert {(request.status, request.bytes) for request in conditional} <= {(304, 0)}
    # A file of a drop folder is not asked for, and a POST cannot be conditional.
    payloads = [one for one in told.archive.payloads(slug, told.lake.releases(slug)[0].release_id) if one.posted is None and one.status]
    assert len(conditional) == len(payloads)
    assert {(urlsplit(one.url).netloc, unquote(urlsplit(one.url).path)) for one in payloads} == {(request.host, request.path) for request in conditional}


@pytest.mark.parametrize("phase", [2, 3])
@EVERY
def test_a_later_phase_promotes_exactly_the_datasets_that_changed(slug, phase, story):
    outcome = story[f"phase {phase}"].outcomes[slug]
    assert outcome.changed == (phase in CHANGES.get(slug, set()))
    assert all(check.passed for check in outcome.checks)


@EVERY
def test_every_release_stays_readable_and_follows_its_predecessor(slug, told, story):
    releases = told.lake.releases(slug)
    assert len(releases) == 1 + len(CHANGES.get(slug, set()))
    assert [release.previous_release_id for release in releases] == [None, *(release.release_id for release in releases[:-1])]
    assert [release.known_from for release in releases] == sorted({release.known_from for release in releases})
    for release in releases:
        assert {name: told.lake.read(release, name).num_rows for name in release.tables} == {name: table.rows for name, table in release.tables.items()}
    assert told.lake.satisfied_marker(slug) == story["phase 3"].outcomes[slug].marker  # of the last look, also where the same bytes came under a new one


def test_a_new_release_leaves_the_files_of_the_old_ones_as_they_are(story):
    for chapter in story.values():
        before, after = data(chapter.before), data(chapter.after)
        assert {path: after.get(path) for path in before} == before
    assert story["phase 2"].after.keys() > story["phase 2"].before.keys()


def test_two_releases_share_the_bytes_they_have_in_common(told):
    first, second = (told.archive.payloads("apprenticeships", release.release_id) for release in told.lake.releases("apprenticeships")[:2])
    objects = [path.name for path in (told.archive.root / "objects").rglob("*") if path.is_file()]
    assert len(objects) == len(set(objects))
    assert {payload.sha256 for payload in (*first, *second)} <= set(objects)


def test_a_lost_object_is_fetched_again_in_full(own_releases, story, sample_recording):
    with Publisher(sample_recording, phase=3) as publisher:
        observatory = open_observatory(own_releases, publisher)
        release = observatory.lake.latest("soc2020")
        [payload] = observatory.archive.payloads("soc2020", release.release_id)
        observatory.archive.object_path(payload.sha256).unlink()
        assert not ingest(observatory, dataset_named("soc2020")).changed
        assert [(request.conditional, request.status) for request in publisher.requests] == [(False, 200)]
    assert observatory.archive.object_path(payload.sha256).stat().st_size == payload.size


def test_a_release_that_comes_back_is_current_again_and_known_from_now(own_releases, story, sample_recording, tree):
    """The publisher takes a correction back: the bytes of an earlier release are served again."""
    with Publisher(sample_recording, phase=1) as publisher:
        observatory = open_observatory(own_releases, publisher)
        before = tree(own_releases / "lake" / "raw")
        first, corrected = observatory.lake.releases("skills_imperative")
        outcome = ingest(observatory, dataset_named("skills_imperative"))
        assert ingest(observatory, dataset_named("skills_imperative")).changed is False, "it is held now"
    assert outcome.changed
    assert outcome.release.release_id == observatory.lake.latest("skills_imperative").release_id
    assert (outcome.release.sha256, outcome.release.known_from_basis) == (first.sha256, "retrieval")
    assert outcome.release.known_from > corrected.known_from
    assert before.items() <= tree(own_releases / "lake" / "raw").items(), "no earlier release was touched"


# Real payloads


def served(entries: dict[int, list[Entry]], folder: Path) -> Path:
    return write_recording(folder / "recording", entries, synthetic=False, description="Real payloads.")


def replay(home: Path, publisher: Publisher) -> Observatory:
    return Observatory(Settings(home=home, profile="replay", publisher_address=publisher.address, backoff_seconds=0.0))


def test_both_real_vintages_of_the_projections_become_releases_side_by_side(recorded, tmp_path):
    vintages = {}
    for phase, updated, name in (
        (1, "2023-03-29T09:30:00Z", "LL_LSIP_MainTables.Main.2023-03-29.xlsm"),
        (2, "2024-08-05T09:30:05Z", "LL_LSIP_MainTables.Main.xlsm"),
    ):
        body = (recorded / "skills_imperative" / name).read_bytes()
        served_as = ("LSIP projections", "LL_LSIP_MainTables.Main.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", f"/media/{phase}/")
        page = json.dumps(projections_sample._content_item(updated, [served_as])).encode()
        vintages[phase] = [
            Entry("www.gov.uk", f"/api/content{projections.PATH}", page),
            Entry(projections_sample.ASSETS, f"/media/{phase}/{served_as[1]}", body),
        ]
    with Publisher(served(vintages, tmp_path)) as publisher:
        observatory = replay(tmp_path / "home", publisher)
        for publisher.phase in (1, 2):
            assert ingest(observatory, projections.DATASET).changed
    releases = observatory.lake.releases("skills_imperative")
    assert [release.known_from[:10] for release in releases] == ["2023-03-29", "2024-08-05"]
    assert not any(release.is_sample for release in releases)
    found = []
    for release in releases:
        rows = observatory.lake.read(release, "skills_imperative__employment").to_pylist()
        in_2035 = {
            row["category_code"] or row["level"]: row["employment_thousands"] for row in rows if row["year"] == 2035 and row["breakdown"] == "occupation"
        }
        found.append((round(in_2035["total"], 3), round(in_2035["91"], 2)))
        assert {row["area_name"] for row in rows} == {"Leicester and Leicestershire"}
    assert found == [(572.851, 18.21), (572.851, 7.6)], "the total stood while the occupations moved: a mark of units or areas would move both"


def test_the_real_standards_of_2020_come_through_with_every_statement(recorded, tmp_path):
    body = (recorded / "skills_england" / "ifate_api_2020" / "standards_with_ksbs_65.json").read_bytes()
    entry = Entry(skills_england.HOST, skills_england.LIST.partition(skills_england.HOST)[2], body)
    with Publisher(served({1: [entry]}, tmp_path)) as publisher:
        observatory = replay(tmp_path / "home", publisher)
        release = ingest(observatory, dataset_named("apprenticeship_standards")).release
    kinds = observatory.lake.read(release, "skills_england__statements")["kind"].to_pylist()
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"knowledge": 1527, "skill": 1626, "behaviour": 396}
    assert release.tables["skills_england__standards"].rows == 65
    [payload] = observatory.archive.payloads("apprenticeship_standards", release.release_id)
    assert isinstance(payload, Stored) and observatory.archive.object_path(payload.sha256).read_bytes() == body
