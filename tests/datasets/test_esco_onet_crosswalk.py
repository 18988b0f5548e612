"""Nesta's ESCO–O*NET crosswalk: the real file, the sample, and files that are wrong."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.esco_onet_crosswalk import DATASET
from observatory_assets.sample import esco_onet_crosswalk as sample
from resources.errors import NotSetUp, ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.dropped import place, take
from tests.datasets.fetched import duplicates, payload, read

NAME = "esco_onet_crosswalk_Nov2020.csv"
(TABLE,) = DATASET.tables
HEADER = "id,esco_occupation,isco_code,onet_code,onet_occupation,matching_job_titles,semantic_similarity,confidence,concept_uri"
ROW = "7,mayor,1111,11-1011.00,chief executives,\"['mayor', 'lord mayor']\",0.79,2.0,http://data.europa.eu/esco/occupation/a"


def parsed(tmp_path, body, name=NAME):
    tables = read(DATASET, [payload(tmp_path / name, body.encode() if isinstance(body, str) else body)])
    return [row for table in tables.values() for row in table.to_pylist()]


def test_the_real_crosswalk_has_1680_links_of_its_vintage(recorded):
    table = read(DATASET, [payload(recorded / "crosswalks" / NAME)])[TABLE.name]
    assert (table.num_rows, duplicates(table, TABLE.keys)) == (1680, 0)
    assert Counter(table["confidence"].to_pylist()).keys() == {0.5, 1.0, 2.0}
    assert set(zip(*(table[name].to_pylist() for name in ("esco_version", "onet_soc_version", "year")), strict=True)) == {("1.0", "2010", 2020)}
    first = table.slice(0, 1).to_pylist()[0]
    assert (first["esco_label"], first["onet_soc_code"], first["job_titles"], first["similarity"]) == (
        "secretary of state",
        "11-1011.00",
        "secretary of state",
        0.8107619822025299,
    )
    assert table["job_titles"].null_count == 669 + 1, "one row has its ISCO code there"


def test_the_sample_is_found_and_read(tmp_path):
    marker, names, tables = take(DATASET, place(tmp_path, sample.dropped(1)))
    assert names == [NAME] and marker.released_at.strftime("%Y-%m") == "2020-11"
    assert tables[TABLE.name].num_rows >= TABLE.minimum_rows and duplicates(tables[TABLE.name], TABLE.keys) == 0
    assert not list(sample.dropped(2)) and dict(sample.dropped(1)) == dict(sample.dropped(1))


def test_job_titles_are_a_list_or_none_and_missing_numbers_are_missing(tmp_path):
    rows = parsed(tmp_path, f"{HEADER}\n{ROW}\n{ROW.replace('0.79,2.0', ',0').replace(chr(34) + '[', chr(34)).partition(chr(34))[0]}na,,0,http://x\n")
    assert rows[0]["job_titles"] == "mayor | lord mayor" and rows[1]["job_titles"] is None
    assert [(row["similarity"], row["similarity_status"]) for row in rows] == [(0.79, "ok"), (None, "x")]
    assert [(row["confidence"], row["confidence_status"]) for row in rows] == [(2.0, "ok"), (0.0, "ok")]


def test_an_empty_drop_folder_says_which_file_to_place(tmp_path):
    with pytest.raises(NotSetUp) as caught:
        take(DATASET, tmp_path)
    assert "esco_onet_crosswalk" in caught.value.expected


@pytest.mark.parametrize(
    ("body", "name", "rule"),
    [
        (f"{HEADER.replace('onet_code', 'soc')}\n{ROW}\n", NAME, "columns"),
        (f"{HEADER}\n{ROW.replace('0.79', 'high')}\n", NAME, "number"),
        (f"{HEADER}\n{ROW.replace('[', '')}\n", NAME, "job_titles"),
        (f"{HEADER}\n{ROW}\n", "esco_onet_crosswalk_Nev2020.csv", "file_name"),
    ],
)
def test_a_changed_file_is_schema_drift(tmp_path, body, name, rule):
    with pytest.raises(SchemaDrift) as caught:
        parsed(tmp_path, body, name)
    assert caught.value.rule == rule


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"\xff\xfe"])
def test_a_file_of_another_kind_is_an_unexpected_payload(tmp_path, body):
    with pytest.raises(UnexpectedPayload):
        parsed(tmp_path, body)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_crosswalk_gives_sound_rows_or_named_errors(tmp_path, data):
    damaged = bytearray(f"{HEADER}\n{ROW}\n{ROW}\n".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b",", b'"', b"\n", b"[", b"'", b"nan"]))
    try:
        rows = parsed(tmp_path, bytes(damaged))
    except ObservatoryError:
        return
    assert all((row["similarity"] is None) == (row["similarity_status"] != "ok") for row in rows)
