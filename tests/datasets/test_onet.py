"""O*NET: the real Excel files of 29.2, the sample of the text edition, both layouts of skills, and files that are wrong."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.onet import DATASET, FILE, VERSION, File, read_elements, read_occupations, read_ratings
from observatory_assets.sample import onet as sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import duplicates, fetch, payload, read

OCCUPATIONS, ELEMENTS, RATINGS = (table.name for table in DATASET.tables)
HEADER = "O*NET-SOC Code\tElement ID\tElement Name\tScale ID\tData Value\tN\tStandard Error\tLower CI Bound\tUpper CI Bound\tRecommend Suppress\tNot Relevant"
FOLDER = f"db_{VERSION}_text/"


def rating(scale="IM", value="3.5", n="8", suppress="N", relevant="n/a"):
    return f"11-3051.00\t2.A.1.a\tReading Comprehension\t{scale}\t{value}\t{n}\t0.2\t3.1\t3.9\t{suppress}\t{relevant}"


def ratings(*rows, header=HEADER, stem="Skills", newline="\n", mark=""):
    return read_ratings(File(stem, f"{stem}.txt", (mark + newline.join([header, *rows]) + newline).encode())).to_pylist()


@pytest.fixture
def altered(tmp_path):
    """A function that parses the sample's archive after a change to its files."""

    def parse(alter):
        with zipfile.ZipFile(io.BytesIO(sample.archive())) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        alter(files)
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return read(DATASET, [payload(tmp_path / FILE, body.getvalue())])

    return parse


# The real files


@pytest.mark.parametrize(
    ("stem", "rows", "statuses"),
    [
        ("Skills", 61_530, {"ok": 58_110, "z": 3_302, "u": 118}),
        ("Work Styles", 14_064, {"ok": 14_064}),
    ],
)
def test_real_ratings_keep_every_row_with_its_status(recorded, stem, rows, statuses):
    table = read_ratings(File(stem, f"{stem}.xlsx", (recorded / "onet" / f"{stem}.xlsx").read_bytes()))
    assert table.num_rows == rows and Counter(table["status"].to_pylist()) == statuses
    assert duplicates(table, DATASET.table(RATINGS).keys) == 0
    first = table.slice(0, 1).to_pylist()[0]
    assert (first["onet_soc_code"], first["rated_in"]) == ("11-1011.00", "2023-08")
    if stem == "Skills":
        assert (first["value"], first["respondents"], first["standard_error"], first["lower"], first["upper"]) == (4.12, 8, 0.125, 3.88, 4.37)
        assert (first["rated_by"], first["_source_row"], first["not_relevant"]) == ("Analyst", "Skills!A2:O2", None)


def test_the_samples_codes_and_names_are_the_real_ones(recorded):
    real = read_occupations(File("Occupation Data", "Occupation Data.xlsx", (recorded / "onet" / "Occupation Data.xlsx").read_bytes())).to_pylist()
    assert len(real) == 1016
    assert sample.OCCUPATIONS.items() <= {row["onet_soc_code"]: row["title"] for row in real}.items()
    with (recorded / "onet" / "onet_content_model_reference.csv").open(newline="", encoding="utf-8") as file:
        names = {row["Element ID"]: row["Element Name"] for row in csv.DictReader(file)}
    assert {key: name for key, name in sample.ELEMENTS.items() if key in names} == {key: names[key] for key in sample.ELEMENTS if key in names}
    assert len(set(sample.ELEMENTS) - set(names)) <= 12, "the recorded reference leaves some groups out"


# The sample


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    marker, payloads = fetch(DATASET, {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}, tmp_path_factory.mktemp("onet"))
    return marker, read(DATASET, payloads)


def test_the_sample_is_found_fetched_and_parsed(first):
    marker, tables = first
    assert marker.value.startswith(f"{VERSION}|etag:") and marker.released_at.year == 2026
    assert {name: table.num_rows for name, table in tables.items()} == {OCCUPATIONS: 16, ELEMENTS: 37, RATINGS: 16 * (14 * 2 + 7 * 2)}
    for table in DATASET.tables:
        assert tables[table.name].num_rows >= table.minimum_rows and duplicates(tables[table.name], table.keys) == 0
    rows = tables[RATINGS].to_pylist()
    assert Counter(row["domain"] for row in rows) == {"skill": 16 * 9 * 2, "knowledge": 16 * 5 * 2, "work_style": 16 * 7 * 2}
    assert {row["status"] for row in rows} == {"ok", "u", "z"}
    assert all((row["value"] is None) == (row["status"] == "z") for row in rows)
    assert {row["scale_id"] for row in rows if row["domain"] == "work_style"} == {"WI", "DR"}


def test_elements_know_their_parents_and_quotes_are_text(first):
    elements = {row["element_id"]: row["parent_id"] for row in first[1][ELEMENTS].to_pylist()}
    assert elements["2.A.1.a"] == "2.A.1" and elements["2"] is None and set(elements.values()) - {None} <= set(elements)
    assert first[1][OCCUPATIONS]["description"][0].as_py() == 'Work as "Industrial Production Managers" (invented).'
    assert first[1][OCCUPATIONS]["_source_file"][0].as_py().endswith(f"{FILE}/{FOLDER}Occupation Data.txt")


# Readings


def test_flags_become_statuses_and_never_lose_a_row():
    rows = ratings(
        rating(),
        rating("LV", suppress="Y", relevant="N"),
        rating("LV", relevant="Y"),
        rating("LV", suppress="Y", relevant="Y"),
        rating("LV", value="n/a", n="n/a", relevant="N"),
        rating("LV", value="0", relevant="N"),
        rating(suppress="n/a", relevant=""),
    )
    assert [(row["value"], row["status"]) for row in rows] == [(3.5, "ok"), (3.5, "u"), (None, "z"), (None, "z"), (None, "x"), (0.0, "ok"), (3.5, "ok")]
    assert [row["recommend_suppress"] for row in rows] == [False, True, False, True, False, False, None]
    assert rows[4]["respondents"] is None and rows[0]["respondents"] == 8


def test_line_ends_byte_order_mark_and_missing_optional_columns_do_not_matter():
    plain = ratings(rating())
    assert ratings(rating(), newline="\r\n", mark="\ufeff") == plain
    narrow = ratings(rating().rpartition("\t")[0], header=HEADER.rpartition("\t")[0])
    assert narrow == [plain[0] | {"not_relevant": None}]
    assert plain[0]["rated_in"] is None and plain[0]["rated_by"] is None


def test_skills_in_one_file_are_read_like_skills_in_two(altered, first):
    def join(files):
        lines = files.pop(f"{FOLDER}Essential Skills.txt") + files.pop(f"{FOLDER}Transferable Skills.txt").partition(b"\r\n")[2]
        files[f"{FOLDER}Skills.txt"] = lines

    def key(table):
        return sorted(str({**row, "_source_file": "", "_source_row": ""}) for row in table[RATINGS].to_pylist())

    assert key(altered(join)) == key(first[1])


# Files that are wrong


@pytest.mark.parametrize(
    ("alter", "rule"),
    [
        pytest.param(lambda files: files.pop(f"{FOLDER}Transferable Skills.txt"), "files", id="half of the skills"),
        pytest.param(lambda files: files.pop(f"{FOLDER}Work Styles.txt"), "files", id="no work styles"),
        pytest.param(lambda files: files.update({f"{FOLDER}Knowledge.txt": HEADER.replace("Data Value", "Value").encode()}), "columns", id="column renamed"),
        pytest.param(lambda files: files.update({f"{FOLDER}Knowledge.txt": f"{HEADER}\n{rating()}\tx".encode()}), "row_width", id="wide row"),
        pytest.param(
            lambda files: files.update({f"{FOLDER}Knowledge.txt": f"{HEADER}\n{rating()}".replace("2.A.1.a", "2.C.9.z").encode()}),
            "codes_known",
            id="unknown element",
        ),
        pytest.param(
            lambda files: files.update({f"{FOLDER}Knowledge.txt": f"{HEADER}\n{rating()}".replace("11-3051", "11-9999").encode()}),
            "codes_known",
            id="unknown occupation",
        ),
    ],
)
def test_a_changed_archive_is_schema_drift(altered, alter, rule):
    with pytest.raises(SchemaDrift) as caught:
        altered(alter)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (rating(value="6"), "scale"),
        (rating("WI", value="-3.5"), "scale"),
        (rating(value="inf"), "scale"),
        (rating(value="high"), "number"),
        (rating(suppress="maybe"), "flag"),
        (rating(n="8.5"), "count"),
    ],
)
def test_a_wrong_cell_is_schema_drift(row, rule):
    with pytest.raises(SchemaDrift) as caught:
        ratings(row)
    assert caught.value.rule == rule


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04cut", b"<html></html>"])
def test_a_broken_archive_is_an_unexpected_payload(tmp_path, body):
    with pytest.raises(UnexpectedPayload):
        read(DATASET, [payload(tmp_path / FILE, body)])


def test_text_in_another_encoding_is_an_unexpected_payload():
    with pytest.raises(UnexpectedPayload, match="UTF-8"):
        read_elements(File("Content Model Reference", "x.txt", "Element ID\tElement Name\tDescription\n1\tCaf\xe9\t".encode("latin-1")))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_damaged_ratings_give_sound_rows_or_named_errors(data):
    damaged = bytearray("\n".join([HEADER, rating(), rating("LV", relevant="Y"), rating("LV", suppress="Y")]).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from([b"\t", b"\n", b"n/a", b"inf", b"9e9", b"Y"]))
    try:
        table = read_ratings(File("Skills", "Skills.txt", bytes(damaged)))
    except ObservatoryError:
        return
    for row in table.to_pylist():
        assert (row["value"] is None) == (row["status"] in ("x", "z"))
        assert row["value"] is None or -3 <= row["value"] <= 7 or row["scale_id"] not in ("IM", "LV", "WI")
