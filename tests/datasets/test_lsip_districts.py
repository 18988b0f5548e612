"""Districts to LSIP areas: constructed pages, the real look-ups, the sample, and answers that are wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.lsip_districts import DATASET, LOOKUP, SERVICE, newest
from observatory_assets.sample import geography as sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read
from tests.replay.ons import REPLAYS

RECORDS = [{"LAD25CD": f"E0700013{n}", "LAD25NM": f" District {n} ", "LSIP25CD": "E69000043", "LSIP25NM": " Place "} for n in range(3)]


@pytest.fixture
def parse(tmp_path):
    """A function parsing these documents as the pages of one answer."""

    def parsed(*documents, records=None):
        bodies = [document if isinstance(document, bytes) else json.dumps(document).encode() for document in documents]
        told = str(sum(len(document["features"]) for document in documents) if records is None else records)
        return read(DATASET, [payload(tmp_path / f"{page}.json", body, records=told) for page, body in enumerate(bodies)])[LOOKUP.name].to_pylist()

    return parsed


def _page(records, **more):
    return {"features": [{"attributes": record} for record in records], **more}


def test_the_constructed_pages_give_the_nine_districts_and_clean_names(recorded, parse):
    pages = [json.loads((recorded / "constructed" / "arcgis" / f"lsip_lookup_page{number}.json").read_text()) for number in (1, 2)]
    rows = parse(*pages)
    (area,) = (area for area in AREAS.areas if area.code == "E69000043")
    assert {row["district_code"] for row in rows} == set(area.districts)
    assert {(row["lsip_code"], row["lsip_name"], row["year"], row["boundary_version"]) for row in rows} == {(area.code, area.name, 2025, "LSIP25")}
    assert [(row["_source_file"], row["_source_row"]) for row in rows[4:6]] == [("0.json", "features[4]"), ("1.json", "features[0]")]


def test_the_constructed_error_that_comes_as_http_200_is_refused(recorded, parse):
    with pytest.raises(UnexpectedPayload, match="error") as refusal:
        parse((recorded / "constructed" / "arcgis" / "error_http200.json").read_bytes(), records=9)
    assert "Invalid URL" in str(refusal.value)


def test_the_real_look_ups_of_both_years_have_every_district_once(recorded):
    for name in ("geography/LSIP_lookup.xlsx", "geography/lsip_lad_lookup_2023_2025_dfeR.csv"):
        assert REPLAYS[name](recorded / name) == {LOOKUP.name: 296}


def test_the_sample_is_found_by_pattern_and_read_from_two_pages(tmp_path):
    marker, payloads = fetch(DATASET, {1: list(sample.entries(1))}, tmp_path)
    table = read(DATASET, payloads)[LOOKUP.name]
    assert marker.value == "LAD25_LSIP25_EN_LU|2025-10-01T10:00:00+00:00"
    assert len(payloads) == 2 and table.num_rows == 14 and duplicates(table, LOOKUP.keys) == 0


def test_the_newest_year_wins_whatever_its_version_and_other_look_ups_are_passed_over():
    assert newest(["LAD23_LSIP23_EN_LU", "LAD25_LSIP25_EN_LU", "LAD25_LSIP25_EN_LU_v2", "LAD24_LSIP24_EN_LU"]) == "LAD25_LSIP25_EN_LU_v2"
    assert not [name for name in ("LAD25_LSIP23_EN_LU", "LAD25_CAUTH25_EN_LU", "LAD25_LSIP25_EN_LUX", "xLAD25_LSIP25_EN_LU") if SERVICE.fullmatch(name)]


@pytest.mark.parametrize("where", [{"exceededTransferLimit": True}, {"properties": {"exceededTransferLimit": True}}])
def test_an_answer_with_more_to_come_is_refused(parse, where):
    with pytest.raises(SchemaDrift, match="whole answer") as refusal:
        parse(_page(RECORDS, **where))
    assert "more to come" in refusal.value.found


@pytest.mark.parametrize(
    ("document", "error", "said"),
    [
        (_page(RECORDS[:2]), SchemaDrift, "2 records"),
        (b"", UnexpectedPayload, "JSON"),
        (b"<html></html>", UnexpectedPayload, "JSON"),
        (b"[" * 100_000, UnexpectedPayload, "JSON"),
        ([], UnexpectedPayload, "error"),
        ({"fields": []}, SchemaDrift, "records"),
        ({"features": [1, 2, 3]}, SchemaDrift, "records"),
        (_page([{**record, "LAD25CD": None} for record in RECORDS]), SchemaDrift, "empty cell"),
        (_page([{**record, "LSIP25NM": "  "} for record in RECORDS]), SchemaDrift, "empty cell"),
        (_page([{name.replace("LSIP25", "LSIP24"): cell for name, cell in record.items()} for record in RECORDS]), SchemaDrift, "LSIP25CD"),
        (_page([{**record, "LAD24CD": "E07000001"} for record in RECORDS]), SchemaDrift, "LAD"),
        (_page([*RECORDS[:2], {name.replace("25", "24"): cell for name, cell in RECORDS[2].items()}]), SchemaDrift, "one year"),
    ],
)
def test_a_wrong_answer_is_refused_and_says_why(parse, document, error, said):
    with pytest.raises(error) as refusal:
        parse(document, records=3)
    assert said in str(refusal.value) and refusal.value.rule and refusal.value.action


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["E07000130", "E69000043"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["LAD25CD", "LAD25NM", "LSIP25CD", "LSIP25NM", "attributes", "features"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=_ANY | st.lists(_ANY, max_size=2).map(lambda features: {"features": features}))
def test_no_answer_makes_the_parser_fail_with_anything_but_our_errors(parse, document):
    try:
        rows = parse(document, records=1)
    except ObservatoryError:
        return
    assert len(rows) == 1 and all(rows[0].values())
