"""Apprenticeship standards: recorded lists, sample round trip, oddities kept as data, and lists that are refused."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets import apprenticeship_standards as standards
from observatory_assets.datasets.apprenticeship_standards import DATASET, DUTIES, JOB_TITLES, STANDARDS, STATEMENTS
from observatory_assets.publishers import headers, skills_england
from observatory_assets.sample import apprenticeship_standards as sample
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS as INVENTED
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read


@pytest.fixture(scope="module")
def story():
    return {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}


@pytest.fixture(scope="module")
def first(story, tmp_path_factory):
    marker, payloads = fetch(DATASET, story, tmp_path_factory.mktemp("first"))
    return marker, read(DATASET, payloads)


def parse(tmp_path, records):
    body = records if isinstance(records, bytes) else json.dumps(records).encode()
    return read(DATASET, [payload(tmp_path / "list.json", body)])


def record(**fields):
    return {"referenceNumber": "ST0001", "version": "1.0", "title": "T", "larsCode": 1, "level": 3} | fields


def counts(tables):
    kinds = tables[STATEMENTS.name]["kind"].to_pylist()
    return {kind: kinds.count(kind) for kind in standards.KINDS}


def test_the_recorded_list_of_2020_gives_its_known_statements(recorded):
    tables = read(DATASET, [payload(recorded / "skills_england" / "ifate_api_2020" / "standards_with_ksbs_65.json")])
    assert tables[STANDARDS.name].num_rows == 65
    assert counts(tables) == {"knowledge": 1527, "skill": 1626, "behaviour": 396}
    assert tables[DUTIES.name].num_rows == 911
    assert sum(tables[STANDARDS.name]["skills_only"].to_pylist()) == 11
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    assert all(reference.startswith("LARS") for reference in tables[STANDARDS.name]["reference"].to_pylist()), "the list had no references yet"
    statements = tables[STATEMENTS.name].to_pylist()
    assert not any("\N{NO-BREAK SPACE}" in row["text"] or "&lt;" in row["text"] for row in statements)
    assert any("\N{NO-BREAK SPACE}" in row["original_text"] for row in statements), "the original is kept"
    known = {row["statement_id"] for row in statements}
    skills_only = {row["reference"] for row in tables[STANDARDS.name].to_pylist() if row["skills_only"]}
    mapped = [(row["reference"], identifier) for row in tables[DUTIES.name].to_pylist() for identifier in json.loads(row["mapped_statement_ids"])]
    unlisted = [reference for reference, identifier in mapped if identifier not in known]
    assert len(mapped) == 13_803 and len(unlisted) == 1_502 and set(unlisted) <= skills_only


def test_three_versions_of_one_standard_stay_apart(recorded):
    path = recorded / "constructed" / "skills_england" / "RECONSTRUCTED_apprenticeshipstandards_ST0499_v1.1_v1.2_v1.3.json"
    tables = read(DATASET, [payload(path)])
    assert [(row["reference"], row["version"]) for row in tables[STANDARDS.name].to_pylist()] == [("ST0499", version) for version in ("1.1", "1.2", "1.3")]
    assert duplicates(tables[STATEMENTS.name], STATEMENTS.keys) == 0


def test_the_sample_release_has_every_invented_standard_with_all_three_kinds(first):
    marker, tables = first
    assert marker.value.startswith("etag:") and marker.released_at == dt.datetime(2026, 7, 1, 6, tzinfo=dt.timezone.utc)
    assert {standard.reference for standard in INVENTED} <= set(tables[STANDARDS.name]["reference"].to_pylist())
    for table in DATASET.tables:
        assert duplicates(tables[table.name], table.keys) == 0
    per_version: dict[tuple[str, str], int] = {}
    for row in tables[STATEMENTS.name].to_pylist():
        per_version[row["reference"], row["version"]] = per_version.get((row["reference"], row["version"]), 0) + 1
    assert sorted(per_version.values())[1] >= 17, "all but the one with skills only"
    assert not any("&" in row["text"] and ";" in row["text"] or "<" in row["text"] for row in tables[STATEMENTS.name].to_pylist())


def test_contact_fields_reach_no_table(first):
    assert "sample.invalid" in next(iter(sample.entries(1))).body.decode(), "the list itself has them"
    for table in first[1].values():
        text = json.dumps(table.to_pylist(), default=str)
        assert "sample.invalid" not in text and "Sample Contact" not in text


def test_a_new_version_keeps_the_ids_of_statements_whose_labels_moved(first, story, tmp_path):
    marker, payloads = fetch(DATASET, story, tmp_path, phase=2)
    assert marker.value != first[0].value
    rows = [row for row in read(DATASET, payloads)[STATEMENTS.name].to_pylist() if row["reference"] == "ST9007" and row["kind"] == "behaviour"]
    labels = {version: {row["statement_id"]: row["label"] for row in rows if row["version"] == version} for version in ("1.0", "1.1")}
    assert labels["1.0"].keys() == labels["1.1"].keys() and labels["1.0"] != labels["1.1"]


def test_a_list_without_any_cheap_marker_is_marked_by_the_week(tmp_path):
    entries = [Entry(skills_england.HOST, "/api/apprenticeshipstandards", b"[]", headers={"ETag": None}, fault=None)]
    marker, _ = fetch(DATASET, {1: entries}, tmp_path)
    assert marker.value == "content-length:2"
    (tmp_path / "no_head").mkdir()
    no_head = Entry(skills_england.HOST, "/api/apprenticeshipstandards", b"", method="HEAD", status=405)
    marker, _ = fetch(DATASET, {1: [*entries, no_head]}, tmp_path / "no_head")
    assert marker.value.startswith("week:")
    assert headers.current_week(dt.datetime(2027, 1, 1, tzinfo=dt.timezone.utc)) == "week:2026-W53"


def test_a_last_modified_that_is_no_date_only_leaves_the_release_undated():
    assert headers.http_date("soon") is None and headers.http_date("") is None


def test_null_elements_null_lists_and_a_missing_version_are_read_as_they_are_meant(tmp_path):
    tables = parse(
        tmp_path,
        [
            None,
            record(
                version=None,
                versionNumber="",
                larsCode=0,
                knowledges=None,
                skills=[None, {"skillId": "g", "detail": "Weld"}, {"skillId": "h", "detail": " "}],
                duties=None,
            ),
            None,
            record(
                referenceNumber="ST0002",
                versionNumber="2.10",
                version=None,
                typicalJobTitles=None,
                jobRoles=["Welder", None, "welder", ""],
                greenJobTitles=["Fitter"],
            ),
        ],
    )
    old, new = tables[STANDARDS.name].to_pylist()
    assert (old["version"], old["lars_code"], old["skills_only"], old["_source_row"]) == ("1.0", None, True, "[1]")
    assert (new["version"], new["skills_only"]) == ("2.10", False)
    (statement,) = tables[STATEMENTS.name].to_pylist()
    assert [statement[name] for name in ("kind", "position", "label", "statement_id", "text", "_source_row")] == [
        "skill",
        2,
        "S2",
        "g",
        "Weld",
        "[1].skills[1]",
    ]
    assert [(row["job_title"], row["source"], row["position"]) for row in tables[JOB_TITLES.name].to_pylist()] == [
        ("Fitter", "green", 1),
        ("Welder", "role", 2),
    ]


def test_text_escaped_twice_loses_its_markup_and_keeps_its_original(tmp_path):
    detail = "&lt;p&gt;Health\N{NO-BREAK SPACE}&amp;amp; safety&lt;/p&gt; "
    (row,) = parse(tmp_path, [record(behaviours=[{"detail": detail}])])[STATEMENTS.name].to_pylist()
    assert (row["text"], row["original_text"], row["statement_id"]) == ("Health & safety", detail, "B1")


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", UnexpectedPayload, "empty"),
        (b"<!DOCTYPE html><html></html>", UnexpectedPayload, "web page"),
        (b'{"error": "gone"}', SchemaDrift, "not a JSON array"),
        (b"[]", SchemaDrift, "no standards"),
        (b"[null, null]", SchemaDrift, "no standards"),
        (b'[{"referenceNumber": "ST0001", "title": "T"', UnexpectedPayload, "not whole JSON"),
        (b'[{"referenceNumber": "ST0001"}] trailing', UnexpectedPayload, "not whole JSON"),
        (b'[{"referenceNumber": "ST\xff"}]', UnexpectedPayload, "not whole JSON"),
        (b'[{"level": NaN, "referenceNumber": "ST0001"}]', UnexpectedPayload, "not whole JSON"),
        (b'["ST0001"]', SchemaDrift, "no object"),
        ([{"title": "T", "larsCode": 0}], SchemaDrift, "neither reference number nor LARS"),
        ([record(), record()], SchemaDrift, "ST0001 version 1.0 is in the list twice"),
        ([record(skills="weld")], SchemaDrift, "skills"),
        ([record(skills=["weld"])], SchemaDrift, "skills"),
        ([record(skills=[{"detail": 3}])], SchemaDrift, "skills"),
        ([record(level="three")], SchemaDrift, "level"),
        ([record(maxFunding=1.5)], SchemaDrift, "maxFunding"),
        ([record(lastUpdated="yesterday")], SchemaDrift, "date"),
    ],
)
def test_an_unreadable_list_is_refused_by_name(tmp_path, body, error, says):
    with pytest.raises(error, match=says) as refusal:
        parse(tmp_path, body)
    assert refusal.value.rule and refusal.value.action


def test_a_byte_order_mark_is_no_hindrance(tmp_path):
    assert parse(tmp_path, b"\xef\xbb\xbf" + json.dumps([record()]).encode())[STANDARDS.name].num_rows == 1


def test_memory_does_not_grow_with_the_list(tmp_path, monkeypatch):
    monkeypatch.setattr(standards, "RECORDS_PER_BATCH", 10)
    skills = [{"skillId": f"s{number}", "detail": "Carry out the work " * 10} for number in range(40)]
    listed = payload(tmp_path / "list.json", json.dumps([record(referenceNumber=f"ST{number:04}", skills=skills) for number in range(300)]).encode())
    tracemalloc.start()
    rows = sum(table.num_rows for name, table in standards.parse([listed]) if name == STATEMENTS.name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 300 * 40
    # A reader holding the whole list would need several times its size; a batch is a thirtieth of it.
    assert peak < listed.size / 2, f"{peak:,} bytes for a list of {listed.size:,}"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(["detail", "skillId", "dutyDetail", "mappedSkills", "x"]), children, max_size=3)
    ),
    max_leaves=6,
)
_FIELDS = [
    "referenceNumber",
    "version",
    "larsCode",
    "title",
    "level",
    "maxFunding",
    "skills",
    "knowledges",
    "duties",
    "typicalJobTitles",
    "approvedForDelivery",
    "changedDate",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=5).map(lambda fields: record(**fields)) | _JSON, max_size=3))
def test_any_json_gives_tables_or_a_named_error(tmp_path, document):
    try:
        tables = parse(tmp_path, document)
    except ObservatoryError as error:
        assert str(error)
        return
    assert tables[STANDARDS.name].num_rows == sum(element is not None for element in document)
