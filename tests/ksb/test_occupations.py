"""Standards onto SOC 2020 unit groups: order of decisions, scores and abstention."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.ksb.occupations import COLUMNS, OccupationOverride, load_occupation_overrides, match_standards, title_key
from resources.errors import ObservatoryError
from tests.ksb.measure_occupations import measure

GROUPS = {
    # unit group: (title, job titles, description, tasks)
    "5213": ("Welding trades", ["Welder", "Spot welder (metal)"], "Welding trades workers join metal parts by welding.", ["joins metal by welding"]),
    "5214": ("Pipe fitters", ["Pipe fitter"], "Pipe fitters lay out and install pipes.", ["fits pipes"]),
    "5431": ("Butchers", ["Butcher"], "Butchers cut and prepare meat for sale.", ["cuts meat"]),
    "8215": ("Driving instructors", ["Cycling instructor"], "Driving instructors teach driving.", ["teaches learners to drive"]),
    "1253": ("Hairdressing and beauty salon managers", ["Manager (beauty salon)"], "Managers of salons.", ["runs a salon"]),
    "3551": ("Buyers", ["Procurement officer"], "Buyers organise the buying of goods.", ["buys goods from suppliers"]),
    "2133": ("IT business analysts", ["Business analyst (computing/IT)"], "Analysts of systems.", ["analyses the needs of a business for computing"]),
}
_TITLES = [(code, name, "unit_group") for code, (name, *_) in GROUPS.items()]
_TITLES += [(code, job, "job_title") for code, (_, jobs, *_) in GROUPS.items() for job in jobs]
_TEXTS = [(code, "description", told) for code, (*_, told, _) in GROUPS.items()]
_TEXTS += [(code, "task", task) for code, (*_, tasks) in GROUPS.items() for task in tasks]
TITLES = pa.table([list(column) for column in zip(*_TITLES, strict=True)], names=["soc_code", "title", "source"])
TEXTS = pa.table([list(column) for column in zip(*_TEXTS, strict=True)], names=["soc_code", "source", "text"])
STANDARD = pa.schema([("reference", pa.string()), ("title", pa.string()), ("level", pa.int64()), ("overview", pa.string()), ("job_title", pa.string())])
OFFICIAL = pa.schema([("reference", pa.string()), ("soc_code", pa.string()), ("rank", pa.int64())])


class Words:
    """An embedder that knows whether texts share words: one dimension a word, so that no model is needed."""

    model_sha256 = "test"

    def embed(self, texts):
        vectors = np.zeros((len(texts), 384), np.float32)
        for row, text in enumerate(texts):
            for word in title_key(text).split() or ["nothing"]:
                vectors[row, sum(word.encode()) % 384] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _standards(*rows):
    return pa.Table.from_pylist([dict(zip(STANDARD.names, row, strict=True)) for row in rows], schema=STANDARD)


def _match(title, *jobs, level=3, overview="", official=(), overrides=(), **given):
    rows = [("ST0001", title, level, overview, job) for job in jobs or (None,)]
    codes = pa.Table.from_pylist([dict(zip(OFFICIAL.names, ("ST0001", code, rank), strict=True)) for rank, code in enumerate(official, 1)], schema=OFFICIAL)
    return match_standards(_standards(*rows), TITLES, TEXTS, codes, tuple(overrides), **given).to_pylist()


@pytest.mark.parametrize(
    ("title", "code"),
    [("Welder", "5213"), ("welders (level 3)", "5213"), ("Advanced butcher", "5431"), ("Procurement officer", "3551")],
)
@pytest.mark.parametrize("embedder", [None, Words()])
def test_a_title_finds_its_unit_group_with_and_without_a_sentence_model(title, code, embedder):
    (row,) = _match(title, embedder=embedder)
    assert (row["soc_code"], row["method"], row["rank"], row["matched_soc_code"]) == (code, "hybrid" if embedder else "lexical", 1, code)
    assert 0 < row["score"] <= 1 and row["runner_up"] != code and row["runner_up_score"] <= row["score"]
    assert row["model_sha256"] == ("test" if embedder else None)


@pytest.mark.parametrize("title", ["Storyboard artist", "", "Team leader", "😀", "x" * 9_000])
@pytest.mark.parametrize("embedder", [None, Words()])
def test_what_names_no_listed_trade_is_abstained_with_the_nearest_and_the_reason(title, embedder):
    (row,) = _match(title, embedder=embedder)
    assert (row["soc_code"], row["method"], row["matched_soc_code"], row["is_official"]) == (None, "abstain", None, False)
    assert row["runner_up"] in GROUPS and row["runner_up"] in row["reason"]


def test_job_titles_and_overview_decide_where_the_title_says_nothing():
    assert _match("Metal joining specialist", "Welder", "Spot welder")[0]["soc_code"] == "5213"
    assert _match("Fabrication operative", overview="Joining metal parts by welding")[0]["soc_code"] == "5213"


def test_a_level_that_hardly_trains_for_a_major_group_lowers_its_score():
    low, high = (_match("Business analyst for computing", level=level)[0]["score"] for level in (2, 6))
    assert high - low == pytest.approx(0.08)


def test_official_codes_come_before_any_score_and_show_what_the_score_would_have_said():
    rows = _match("Welder", official=("5214", "8215"))
    assert [(row["soc_code"], row["rank"], row["method"], row["is_official"], row["matched_soc_code"]) for row in rows] == [
        ("5214", 1, "official", True, "5213"),
        ("8215", 2, "official", True, "5213"),
    ]


def test_an_override_wins_over_official_codes_and_may_say_that_there_is_no_unit_group():
    (row,) = _match("Welder", official=("5214",), overrides=(OccupationOverride("ST0001", "5431", "R", "2026-01-01", "because"),))
    assert (row["soc_code"], row["method"], row["reviewed_by"], row["reviewed_at"], row["reason"]) == ("5431", "override", "R", "2026-01-01", "because")
    (row,) = _match("Welder", overrides=(OccupationOverride("ST0001", "5214", "R", "2026-01-01"), OccupationOverride("ST0001", None, "R", "2026-02-01")))
    assert (row["soc_code"], row["method"]) == (None, "override")


def test_the_result_has_the_contract_columns_and_does_not_depend_on_row_order(tmp_path):
    standards = _standards(("B", "Butcher", 2, "Cutting meat", "Slicer"), ("B", "Butcher", 2, "Cutting meat", "Boner"), ("A", "Welder", 3, None, None))
    none = OFFICIAL.empty_table()
    table = match_standards(standards, TITLES, TEXTS, none, embedder=Words(), cache_path=tmp_path / "vectors.parquet")
    assert tuple(table.column_names) == COLUMNS and table["reference"].to_pylist() == ["A", "B"]
    turned = (one.take(list(reversed(range(one.num_rows)))) for one in (standards, TITLES, TEXTS))
    assert table.equals(match_standards(*turned, none, embedder=Words(), cache_path=tmp_path / "vectors.parquet"))


def test_without_standards_or_without_the_classification_nothing_breaks():
    none = OFFICIAL.empty_table()
    assert match_standards(STANDARD.empty_table(), TITLES, TEXTS, none).num_rows == 0
    (row,) = match_standards(_standards(("A", "Welder", 3, None, None)), TITLES.slice(0, 0), TEXTS.slice(0, 0), none).to_pylist()
    assert (row["soc_code"], row["method"]) == (None, "abstain")


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 9) | st.none())
@settings(max_examples=40, deadline=None)
def test_any_text_is_placed_or_abstained(title, job, level):
    (row,) = _match(title, job, level=level)
    assert (row["soc_code"] is None) == (row["method"] == "abstain")


def test_titles_are_the_same_but_for_number_and_spelling():
    assert title_key("HGV Drivers") == title_key("lorry driver") and title_key("Manager") == ""


def test_the_seed_of_overrides_loads_and_refuses_a_code_that_is_no_unit_group(seeds, tmp_path):
    assert isinstance(load_occupation_overrides(seeds), tuple)
    (tmp_path / "standard_occupation_override.csv").write_text(
        "reference,soc_code,action,reviewer,reason,decided_at,supersedes\nST1,52,replace,R,,2026-01-01,\n"
    )
    with pytest.raises(ObservatoryError, match="unit group"):
        load_occupation_overrides(tmp_path)


@pytest.mark.parametrize(("with_sub_unit_groups", "linked"), [(True, 29), (False, 31)])
def test_of_sixty_real_standards_kept_apart_words_alone_place_half_and_seven_of_eight_acceptably(recorded, with_sub_unit_groups, linked):
    found = measure(recorded, "kept_apart", with_sub_unit_groups=with_sub_unit_groups)
    assert (found.standards, found.linked) == (60, linked)
    assert found.acceptable >= 0.87 and found.sub_major >= 0.9
