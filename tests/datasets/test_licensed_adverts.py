"""Licensed adverts: the sample end to end, what is counted once, what is masked, and files that are refused unread."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.licensed_adverts import COUNTS, DATASET, NEEDED, SKILLS, TEXTS, masked
from observatory_assets.sample import licensed_adverts as sample
from observatory_assets.sample.world import DISTRICTS
from resources.errors import NotSetUp, ObservatoryError, SchemaDrift, UnexpectedPayload
from resources.settings import PROJECT_ROOT
from tests.datasets.dropped import place, take
from tests.datasets.fetched import duplicates

HEADER = ",".join(NEEDED)


def tables(tmp_path, *rows, header=HEADER, name="adverts_1.csv"):
    inbox = place(tmp_path, [(name, "\n".join([header, *rows, ""]).encode())])
    return {name: table.to_pylist() for name, table in take(DATASET, inbox)[2].items()}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return take(DATASET, place(tmp_path_factory.mktemp("licensed"), sample.dropped(1)))


def test_the_sample_is_counted_by_month_district_and_occupation(first):
    _, names, read = first
    assert names == ["adverts_2026-05.csv", "adverts_2026-06.csv"]
    rows = read[COUNTS.name].to_pylist()
    assert {row["area_code"] for row in rows} == set(DISTRICTS) and {row["month"] for row in rows} == {"2026-05", "2026-06"}
    # 488 adverts less the four outside the districts; the one repeated in June's file counts once.
    assert sum(row["value"] for row in rows) == 484 and {row["status"] for row in rows} == {"ok"}
    assert "Unknown" in {row["soc_code"] for row in rows}
    for table in DATASET.tables:
        assert duplicates(read[table.name], table.keys) == 0


def test_another_file_is_another_extract(first, tmp_path):
    inbox = place(tmp_path, [*sample.dropped(1), *sample.dropped(2)])
    marker, names, read = take(DATASET, inbox)
    assert marker.value != first[0].value and len(names) == 3
    assert max(read[COUNTS.name]["month"].to_pylist()) == "2026-07"


def test_texts_are_kept_masked_and_titles_not_at_all(first):
    texts = first[2][TEXTS.name].to_pylist()
    assert texts and all("[e-mail]" in row["text"] and "@" not in row["text"] for row in texts)
    kept = json.dumps([table.to_pylist() for table in first[2].values()], default=str)
    assert "sample.invalid" not in kept and "Repeated advert" not in kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Write to jo.bloggs+x@firm.co.uk now", "Write to [e-mail] now"),
        ("See https://firm.example/jobs?id=1 or www.firm.example", "See [link] or [link]"),
        ("Ring 0116 496 0000, (0116) 496 0001 or +44 7700 900123.", "Ring [telephone], ([telephone] or [telephone]."),
        ("<p>Pay &pound;12.50, 40 hours, ref 2026-05</p>", "Pay £12.50, 40 hours, ref 2026-05"),
        ("", ""),
    ],
)
def test_addresses_links_and_telephone_numbers_are_masked(text, kept):
    assert masked(text) == kept


def test_an_extract_without_texts_or_skills_gives_empty_tables_not_missing_ones(tmp_path):
    read = tables(tmp_path, "1,2026-05-31,Cook,5434,E06000016,")
    assert (read[SKILLS.name], read[TEXTS.name]) == ([], [])
    (row,) = read[COUNTS.name]
    assert (row["value"], row["status"], row["_source_row"]) == (1.0, "partial", "2"), "the extract does not span the month"


def test_a_term_counts_once_an_advert_whatever_its_case_and_an_advert_once_whatever_its_rows(tmp_path):
    rows = [
        "1,2026-05-01,Cook,5434,E06000016,Planning;planning; ;Health &amp; safety",
        "1,2026-05-02,Cook,5434,E07000130,Planning",
        "2,2026-05-03,Cook,5434,E06000016,PLANNING",
    ]
    read = tables(tmp_path, *rows)
    assert {row["skill"]: row["adverts"] for row in read[SKILLS.name]} == {"planning": 2, "health & safety": 1}
    assert [row["value"] for row in read[COUNTS.name]] == [2.0]


def test_months_the_extract_spans_are_whole_and_those_it_begins_or_ends_in_are_partial(tmp_path):
    days = ("2026-04-15", "2026-05-01", "2026-06-30", "2026-07-01")
    read = tables(tmp_path, *(f"{number},{day},Cook,5434,E06000016," for number, day in enumerate(days)))
    assert {row["month"]: row["status"] for row in read[COUNTS.name]} == {"2026-04": "partial", "2026-05": "ok", "2026-06": "ok", "2026-07": "partial"}


def test_an_empty_folder_says_what_to_place(tmp_path):
    place(tmp_path, [("notes.txt", b"x"), ("adverts_1.csv.part", b"x"), (".adverts_2.csv", b"x")])
    with pytest.raises(NotSetUp) as refusal:
        take(DATASET, tmp_path)
    assert "adverts_" in refusal.value.expected


@pytest.mark.parametrize("column", ["company", "Contact name", "e-mail", "salary"])
def test_a_file_with_another_column_is_refused_before_it_is_taken(tmp_path, column):
    with pytest.raises(SchemaDrift, match="not taken in") as refusal:
        tables(tmp_path, "1,2026-05-31,Cook,5434,E06000016,,x", header=f"{HEADER},{column}")
    assert refusal.value.found == [column]


@pytest.mark.parametrize(
    ("header", "row", "error", "says"),
    [
        (HEADER.replace("skills", "text"), "1,2026-05-31,Cook,5434,E06000016,", SchemaDrift, "lacks or repeats"),
        (HEADER + ",skills", "1,2026-05-31,Cook,5434,E06000016,,", SchemaDrift, "lacks or repeats"),
        (HEADER, "1,31/05/2026,Cook,5434,E06000016,", SchemaDrift, "no date"),
        (HEADER, "1,2026-W22-7,Cook,5434,E06000016,", SchemaDrift, "no date"),
        (HEADER, "1,1926-05-31,Cook,5434,E06000016,", SchemaDrift, "no date"),
        (HEADER, "1,2026-05-31,Cook,543,E06000016,", SchemaDrift, "not in the layout"),
        (HEADER, "1,2026-05-31,Cook,5434,Leicester,", SchemaDrift, "not in the layout"),
        (HEADER, " ,2026-05-31,Cook,5434,E06000016,", SchemaDrift, "not in the layout"),
        (HEADER, "1,2026-05-31,Cook,5434,E06000001,", UnexpectedPayload, "districts kept"),
        (HEADER, "1,2026-05-31,Cook,5434", SchemaDrift, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, header, row, error, says):
    with pytest.raises(error, match=says) as refusal:
        tables(tmp_path, row, header=header)
    assert refusal.value.rule and refusal.value.action


def test_the_example_of_the_documentation_is_in_the_layout(tmp_path):
    page = (PROJECT_ROOT / "docs" / "licensed_adverts.md").read_text(encoding="utf-8")
    header, *rows = page.split("```csv\n")[1].split("```")[0].strip().splitlines()
    read = tables(tmp_path, *rows, header=header)
    assert sum(row["value"] for row in read[COUNTS.name]) == 3 and read[SKILLS.name] and read[TEXTS.name]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_tables_or_named_errors(tmp_path, data):
    damaged = bytearray(b"".join(body for _, body in sample.dropped(2))[:4_000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        read = take(DATASET, place(tmp_path, [("adverts_1.csv", bytes(damaged))]))[2]
    except ObservatoryError as error:
        assert error.rule
        return
    assert read[COUNTS.name].num_rows
