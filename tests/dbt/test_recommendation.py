"""Data recommendations on the built toy warehouse: what was found is there, counted right, and worded from its template.

Belongs here: findings against what they are counted in. Does not belong here: the document (tests/cli/test_annex.py).
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from observatory_assets.annex import annex
from observatory_assets.datasets import all_datasets
from resources.settings import Settings
from tests.dbt.conftest import Built

if TYPE_CHECKING:
    import duckdb

pytestmark = pytest.mark.evidence

FOUND = "select n_affected, n_total, finding from marts.data_recommendation where dataset = ? and finding_id = ? and metric is not distinct from ?"


def seed(name: str) -> list[dict[str, str]]:
    with (Settings().seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def changed(built: Built, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the built toy warehouse that may be written; what is found is a view, so it follows."""
    import duckdb

    copy = tmp_path / built.path.name
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def test_findings_of_the_employment_survey_have_their_numbers_in_words(marts: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0]: row[1:]
        for row in marts.execute(
            "select finding_id, n_affected, n_total, field, raw_table, finding from marts.data_recommendation"
            " where dataset = 'aps_employment' and metric = 'employment'"
        ).fetchall()
    }
    assert found["suppressed_figures"] == (1, 10, "value", "nomis__aps_employment", "1 of 10 current figures (10.0%) are suppressed.")
    assert found["unreliable_figures"][-1] == "1 of 10 current figures (10.0%) are marked as unreliable or rest on few observations."
    assert found["no_interval"][-1] == "1 of 9 current figures that have a value (11.1%) come without an interval or a stated precision."
    assert found["areas_lacking"][-1] == "No current figure for 1 of 2 areas reported on: Leicester, Leicestershire and Rutland (LSIP25)."
    assert not {"unavailable_figures", "rounded_figures", "boundary_gap"} & set(found)


def test_an_areas_figure_on_old_boundaries_is_a_finding_and_not_a_figure_of_its_own(marts: duckdb.DuckDBPyConnection) -> None:
    affected, total, finding = marts.execute(FOUND, ["skills_imperative", "boundary_gap", "net_change"]).fetchone()
    assert (affected, total) == (3, 6)
    assert "published for older boundaries only" in finding


def test_every_finding_is_counted_again_by_its_evidence(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute("select evidence, n_affected, n_total, share from marts.data_recommendation").fetchall()
    assert len(rows) > 30
    for evidence, affected, total, share in rows:
        assert marts.execute(evidence).fetchone()[0] == affected, evidence
        assert 0 < affected <= total and share == pytest.approx(affected / total, abs=1e-11)


def test_suppressed_figures_are_all_counted_and_no_true_zero_is(changed: duckdb.DuckDBPyConnection) -> None:
    before = changed.execute(FOUND, ["aps_employment", "suppressed_figures", "employment"]).fetchone()
    changed.execute("update marts.fct_indicator set value = 0 where metric = 'employment' and status = 'ok'")
    assert changed.execute(FOUND, ["aps_employment", "suppressed_figures", "employment"]).fetchone() == before
    changed.execute("update marts.fct_indicator set value = null, status = 'c' where metric = 'employment' and status = 'ok'")
    expected = changed.execute(
        "select count(*) from marts.fct_indicator where metric = 'employment' and known_to is null and status in ('c', 'low')"
    ).fetchone()[0]
    assert changed.execute(FOUND, ["aps_employment", "suppressed_figures", "employment"]).fetchone()[0] == expected > before[0]


def test_every_finding_is_worded_and_nothing_is_left_to_fill_in(marts: duckdb.DuckDBPyConnection) -> None:
    texts = marts.execute("select finding, consequence, ask, title, publisher from marts.data_recommendation").fetchall()
    left = [row for row in texts if any(text is None or re.search(r"[{}]", text) for text in row[:4])]
    assert not left
    assert {row["finding_id"] for row in seed("recommendation_template")} >= {
        row[0] for row in marts.execute("select distinct finding_id from marts.data_recommendation").fetchall()
    }


def test_a_template_fills_in_only_what_is_known() -> None:
    known = {"n_affected", "n_total", "percent", "field", "detail"}
    templates = seed("recommendation_template")
    assert {name for one in templates for name in re.findall(r"\{(\w+)\}", one["finding"])} == known
    assert not [one["finding_id"] for one in templates if re.search(r"[{}]", one["consequence"] + one["ask"])]
    assert [int(one["position"]) for one in templates] == list(range(1, len(templates) + 1))


def test_sources_that_need_a_person_are_those_whose_contract_says_so() -> None:
    expected = [(one.slug, "needs_key", " and ".join(key.option for key in one.credentials)) for one in all_datasets() if one.credentials]
    expected += [(one.slug, "placed_by_hand", "") for one in all_datasets() if one.drop_folder]
    assert sorted((row["dataset"], row["finding_id"], row["detail"]) for row in seed("recommendation_access")) == sorted(expected)


def test_a_release_without_a_stated_time_and_one_that_was_refused_become_findings(changed: duckdb.DuckDBPyConnection) -> None:
    held = changed.execute("select count(*) from marts.dim_release where dataset = 'aps_employment'").fetchone()[0]
    changed.execute("update raw.release set known_from_basis = 'retrieval' where dataset = 'aps_employment'")
    changed.execute("update marts.dim_release set known_from_basis = 'retrieval' where dataset = 'aps_employment'")
    refusal = "insert into raw.incident (incident_id, kind, dataset, release_id, rule) values (?, 'release', 'aps_employment', ?, 'volume')"
    for number in (1, 2):
        changed.execute(refusal, [f"i{number}", "never held"])  # the same release, refused twice, is one release
    found = {
        row[0]: row[1:]
        for row in changed.execute(
            "select finding_id, n_affected, n_total, finding, evidence from marts.data_recommendation where dataset = 'aps_employment' and metric is null"
        ).fetchall()
    }
    assert found["no_release_time"][:2] == (held, held)
    assert found["refused_releases"][:2] == (1, held + 1)
    assert found["refused_releases"][2].endswith("were refused: volume.")
    for finding in ("no_release_time", "refused_releases"):
        assert changed.execute(found[finding][3]).fetchone()[0] == found[finding][0]


def test_the_consequence_says_which_side_of_the_gap_stands_on_the_source(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("delete from raw.mart_input")
    changed.execute("insert into raw.mart_input values ('ksb_demand', 'aps_employment'), ('ksb_supply', 'apprenticeships'), ('ksb_demand', 'apprenticeships')")
    sides = dict(changed.execute("select distinct dataset, side_of_gap from marts.data_recommendation").fetchall())
    assert (sides["aps_employment"], sides["apprenticeships"], sides["esco"]) == ("demand", "demand and supply", "neither")
    ends = changed.execute("select distinct consequence from marts.data_recommendation where dataset = 'esco'").fetchone()[0]
    assert ends.endswith("It is context: no share of the gap is computed from it.")


def test_the_annex_of_the_toy_warehouse_has_a_section_for_every_source_with_a_finding(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update marts.dim_dataset set publisher = 'A publisher', landing_page = 'https://example.org'")  # the toy's registers have none
    text = annex(changed)
    sources, findings = changed.execute("select count(distinct dataset), count(*) from marts.data_recommendation").fetchone()
    assert text.count("; dataset `") == sources
    assert len(re.findall(r"^\| (?!field)", text, re.MULTILINE)) == findings
    assert text == annex(changed)
