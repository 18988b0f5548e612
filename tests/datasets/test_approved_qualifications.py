"""Qualifications approved for funding: the recorded list, the sample, and files that are refused."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.approved_qualifications import DATASET, OFFERS, QUALIFICATIONS
from observatory_assets.sample import approved_qualifications as sample
from observatory_assets.sample.ofqual_register import qualification
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read

STORY = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
BODY = STORY[1][0].body


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    marker, payloads = fetch(DATASET, STORY, tmp_path_factory.mktemp("approved"))
    return marker, read(DATASET, payloads)


def parse(tmp_path, body):
    return read(DATASET, [payload(tmp_path / "approved.csv", body)])


def test_the_recorded_list_gives_its_known_qualifications_and_offers(recorded):
    tables = read(DATASET, [payload(recorded / "qualifications_funding" / "approved.csv")])
    assert tables[QUALIFICATIONS.name].num_rows == 8_092
    offers = tables[OFFERS.name].to_pylist()
    counts = {name: sum(row["offer"] == name for row in offers) for name in {row["offer"] for row in offers}}
    assert counts == {
        "Age1416": 4027,
        "Age1619": 7469,
        "LocalFlexibilities": 4123,
        "LegalEntitlementL2L3": 1244,
        "LegalEntitlementEnglishandMaths": 156,
        "DigitalEntitlement": 32,
        "LifelongLearningEntitlement": 51,
        "AdvancedLearnerLoans": 1774,
        "L3FreeCoursesForJobs": 409,
    }
    assert all(row["is_available"] for row in offers)
    assert set(tables[QUALIFICATIONS.name]["snapshot_date"].to_pylist()) == {"2025-02-18"}
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    known = next(row for row in offers if (row["qualification_number_plain"], row["offer"]) == ("61008187", "Age1619"))
    assert (known["approval_start_date"], known["approval_end_date"]) == (dt.date(2022, 9, 1), dt.date(2026, 7, 31))


def test_the_sample_joins_the_registers_sample_but_for_two_qualifications(first):
    marker, tables = first
    assert marker.value.startswith("etag:")
    known = {qualification(position).plain for position in range(100)}
    listed = set(tables[QUALIFICATIONS.name]["qualification_number_plain"].to_pylist())
    assert len(listed - known) == 2 and len(listed & known) == 66
    assert not any(name.endswith(" ") for name in tables[QUALIFICATIONS.name]["name"].to_pylist())
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0


def test_the_next_terms_list_has_another_marker_and_a_later_snapshot(first, tmp_path):
    marker, payloads = fetch(DATASET, STORY, tmp_path, phase=2)
    later = read(DATASET, payloads)[QUALIFICATIONS.name]
    assert marker.value != first[0].value
    assert set(later["snapshot_date"].to_pylist()) == {"2026-09-21"}


def test_an_offer_that_is_new_in_the_file_is_read_without_a_change_of_code(tmp_path):
    tables = parse(tmp_path, BODY.replace(b"DigitalEntitlement_", b"GrowthOffer_"))
    assert "GrowthOffer" in tables[OFFERS.name]["offer"].to_pylist()


def test_an_offer_with_dates_is_kept_though_it_is_no_longer_available(tmp_path):
    number = BODY.split(b"\r\n")[1].split(b",")[3].decode()
    tables = parse(tmp_path, BODY.replace(b"True,01/08/2022", b"False,01/08/2022", 1))
    row = next(row for row in tables[OFFERS.name].to_pylist() if row["qualification_number_plain"] == number)
    assert row["is_available"] is False and row["approval_start_date"] == dt.date(2022, 8, 1)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda body: b"", UnexpectedPayload, "empty"),
        (lambda body: b"<!DOCTYPE html><html></html>", UnexpectedPayload, "web page"),
        (lambda body: body.split(b"\r\n")[0] + b"\r\n", UnexpectedPayload, "headings only"),
        (lambda body: body.replace(b"AwardingOrganisation,", b"Organisation,"), SchemaDrift, "AwardingOrganisation"),
        (lambda body: body.replace(b"Age1619_Notes", b"Age1619_Note"), SchemaDrift, "funding offers"),
        (lambda body: body.replace(b"_FundingAvailable", b"_Available"), SchemaDrift, "funding offers"),
        (lambda body: body.replace(b"19/05/2026", b"2026-05-19"), SchemaDrift, "day first"),
        (lambda body: body.replace(b"19/05/2026", b"20/05/2026", 1), SchemaDrift, "mixes snapshots"),
        (lambda body: body.replace(b"\r\n19/05/2026", b"\r\n", 1), SchemaDrift, "is empty"),
        (lambda body: body.replace(b",True,", b",Maybe,", 1), SchemaDrift, "neither True nor False"),
        (lambda body: body.replace(b"01/08/2022", b"31/02/2022", 1), SchemaDrift, "day first"),
        (lambda body: body.replace(b",69999991,", b",,", 1), SchemaDrift, "names no qualification"),
        (lambda body: body[: len(body) // 2], SchemaDrift, "cannot be read"),
        (lambda body: body.replace(b"Access Sample", b"Access \xff", 1), SchemaDrift, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, change, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, change(BODY))
    assert refusal.value.rule and refusal.value.action


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_whole_tables_or_named_errors(tmp_path, data):
    damaged = bytearray(BODY[:6_000] if data.draw(st.booleans()) else BODY)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        tables = parse(tmp_path, bytes(damaged))
    except ObservatoryError:
        return
    assert tables[QUALIFICATIONS.name].num_rows > 0
