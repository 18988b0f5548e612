"""UK Business Counts: sample round trip, recorded answers, and every way Nomis is known to answer wrongly."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.business_counts import COUNTS, DATA_SETS, DATASET, build_resources
from observatory_assets.publishers import nomis
from observatory_assets.sample import business_counts as sample
from observatory_assets.sample import nomis_sic as sic
from resources.errors import SchemaDrift
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.datasets.nomis_cases import WRONG, own_labels, repeat_total, stay_under_the_limits, survives_damage

INDUSTRIES = nomis.industries(sic.names())


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return fetch(DATASET, {1: list(sample.entries(1))}, tmp_path_factory.mktemp("counts"))


@pytest.fixture(scope="module")
def table(first):
    return read(DATASET, first[1])[COUNTS.name]


@pytest.fixture(scope="module")
def answer(first):
    """The answer about local units of districts by industry: (body, labels)."""
    page = next(page for page in first[1] if page.labels["group"] == "local_units_districts_industries")
    return page.path.read_bytes(), dict(page.labels)


def parse(folder, body, labels):
    return read(DATASET, [payload(folder / "counts.csv", body, **labels)])[COUNTS.name]


def test_the_sample_release_has_each_unit_by_size_and_by_industry_once(table):
    assert table.num_rows == 2 * len(AREAS.areas) * 5 * (5 + 21)
    assert duplicates(table, COUNTS.keys) == 0
    assert {row["unit"] for row in table.to_pylist()} == set(DATA_SETS)
    assert not [row for row in table.to_pylist() if row["industry_code"] != "Total" and row["size_band"] != "0"]


def test_the_marker_joins_both_data_sets_and_moves_with_either(first):
    marker, _ = first
    assert marker.value == "2026-09-30 09:30:00|2026-09-30 09:30:00 & 2026-09-30 09:30:00|2026-09-30 09:30:00"
    one, other = ({"overview": {"lastupdated": date, "nextupdate": following}} for date, following in (("2026-09-30", "2027-09-29"), ("2026-10-02", None)))
    joint = nomis.joint_release([one, other])
    assert joint.marker == "2026-09-30| & 2026-10-02|"
    assert joint.released_at.isoformat() == "2026-10-01T23:00:00+00:00" and joint.next_expected.isoformat() == "2027-09-28T23:00:00+00:00"


def test_the_questions_stay_under_the_limits():
    resources = build_resources(AREAS, dict.fromkeys(DATA_SETS, INDUSTRIES))
    stay_under_the_limits(resources)
    assert len({resource.name for resource in resources}) == 2 * 3 * 2
    assert sum("/NM_141_1.data.csv?" in resource.url for resource in resources) == 6
    assert all("&employment_sizeband=0" in resource.url and "&legal_status=0&" in resource.url for resource in resources)


def test_the_recorded_answer_by_section_reads(recorded):
    path = recorded / "nomis" / "api_csv_2026-04" / "nomis-business-counts.csv"
    labels = own_labels(path) | {"unit": "enterprise", "industries": json.dumps(INDUSTRIES.sections)}
    rows = {row["industry_code"]: row for row in read(DATASET, [payload(path, **labels)])[COUNTS.name].to_pylist()}
    assert "".join(sorted(rows)) == "ABCDEFGHIJKLMNOPQRSTU"
    assert (rows["A"]["value"], rows["C"]["value"], rows["U"]["value"], rows["U"]["status"]) == (315, 1390, 0, "ok")
    assert {row["date_code"] for row in rows.values()} == {"2025"}


def test_a_total_repeated_for_unknown_industries_is_refused(answer, tmp_path):
    body, labels = answer
    with pytest.raises(SchemaDrift, match="codes returned"):
        parse(tmp_path, repeat_total(body, labels, "industry", sic.TOTAL), labels)


@pytest.mark.parametrize(("change", "error", "says"), WRONG)
def test_a_wrong_answer_is_refused(answer, tmp_path, change, error, says):
    body, labels = answer
    with pytest.raises(error, match=says):
        parse(tmp_path, change(body), labels)


@pytest.mark.parametrize("names", [("Micro (0-9)", "Large (250+)"), ("MICRO  (0 to 9)", "Large")])
def test_size_bands_are_known_by_the_beginnings_of_their_names(first, tmp_path, names):
    page = next(page for page in first[1] if page.labels["group"] == "enterprises_districts_sizes")
    body = page.path.read_bytes().replace(b"Micro (0 to 9)", names[0].encode()).replace(b"Large (250+)", names[1].encode())
    assert parse(tmp_path, body, dict(page.labels)).num_rows == len(AREAS.districts()) * 5 * 5
    with pytest.raises(SchemaDrift, match="employment_sizeband means something else"):
        parse(tmp_path, body.replace(b"Large", b"Medium-sized"), dict(page.labels))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_answers_give_whole_tables_or_named_errors(answer, tmp_path, data):
    survives_damage(DATASET, *answer, tmp_path, data)
