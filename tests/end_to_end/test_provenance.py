"""Every number of every fact mart from the bytes it came from: cells re-read from the archive, values recomputed from them."""

from __future__ import annotations

import io
import json
import math
import random
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from observatory_assets.cli import main
from observatory_assets.explain import FORMULAS
from observatory_assets.refresh import Refresh, refresh
from observatory_assets.sample.publisher import Publisher
from resources.archive import Archive
from resources.observatory import Observatory
from tests.end_to_end.conftest import settings
from tests.end_to_end.recomputing import Recomputation
from tests.end_to_end.rereading import Cell, Evidence

pytestmark = [pytest.mark.evidence, pytest.mark.slow_evidence]

FACTS = ("fct_indicator", *FORMULAS)
SAMPLED = 200
OF_EACH = 13  # rows of each computed mart; published statistics make up the rest
SEED = 20350101


@pytest.fixture(scope="module")
def home(recording: Path, finished: tuple[Path, Refresh], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with two vintages of the projections, so that every fact mart has rows."""
    home = tmp_path_factory.mktemp("traced") / "home"
    shutil.copytree(finished[0], home, symlinks=True)
    with Publisher(recording) as publisher:
        publisher.phase = 3
        outcome = refresh(Observatory(settings(home, publisher)), say=lambda _: None)
    assert outcome.ok, outcome.problems
    return home


@pytest.fixture
def evidence(home: Path) -> Iterator[Evidence]:
    with duckdb.connect(str(home / "serving" / "observatory.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield Evidence(connection, Archive(home / "archive"))


def sampled(evidence: Evidence) -> list[tuple[str, dict[str, Any]]]:
    """Rows with a value of every fact mart, and of every metric: (mart, row)."""
    draw = random.Random(SEED)
    chosen: list[tuple[str, str]] = []
    for mart in FORMULAS:
        keys = [row["row_key"] for row in evidence.query(f"select row_key from marts.{mart} where value is not null order by row_key")]
        chosen += [(mart, key) for key in draw.sample(keys, min(OF_EACH, len(keys)))]
    published = evidence.query("select metric, row_key from marts.fct_indicator where value is not null order by row_key")
    draw.shuffle(published)
    first_of_metric = {row["metric"]: row["row_key"] for row in reversed(published)}
    keys = list(dict.fromkeys([*first_of_metric.values(), *(row["row_key"] for row in published)]))
    chosen += [("fct_indicator", key) for key in keys[: SAMPLED - len(chosen)]]
    return [(mart, evidence.query(f"select * from marts.{mart} where row_key = ?", [key])[0]) for mart, key in chosen]


def test_two_hundred_numbers_of_all_fact_marts_are_recomputed_from_the_archived_bytes_they_cite(evidence: Evidence) -> None:
    recomputation = Recomputation(evidence)
    rows = sampled(evidence)
    tried = Counter(mart for mart, _ in rows)
    assert len(rows) == SAMPLED
    assert set(tried) == set(FACTS), "a fact mart has no number to try"
    metrics = {row["metric"] for row in evidence.query("select distinct metric from marts.fct_indicator where value is not null")}
    assert {row["metric"] for mart, row in rows if mart == "fct_indicator"} == metrics
    wrong, bounded = [], []
    for mart, row in rows:
        if recomputation.is_bounded_by_others(row):
            bounded.append(f"{row['metric']} {row['row_key']}")
            recomputation.read(mart, row)
            continue
        value = recomputation.value(mart, row)
        if value is None or not math.isclose(value, row["value"], rel_tol=1e-6, abs_tol=1e-6):
            wrong.append(f"{mart} {row['row_key']}: {row['value']} published, {value} recomputed")
    print(f"{len(rows)} numbers, {evidence.places:,} places re-read; re-read only, being middles of bounds that other figures set: {bounded or 'none'}")
    assert not wrong
    assert not evidence.problems
    assert len(bounded) <= 2


def test_every_cell_that_any_number_stands_on_is_found_in_the_archived_bytes(evidence: Evidence) -> None:
    leaves = evidence.connection.execute(
        "select distinct '', '', '', raw_table, raw_column, dataset, release_id, source_file, source_row from marts.provenance_leaf"
        " inner join marts.dim_release using (release_id)"
    ).fetchall()
    for leaf in leaves:
        evidence.rows(Cell(*leaf[:4], tuple(leaf[4].split(",")), *leaf[5:]))
    print(f"{evidence.places:,} places re-read")
    assert evidence.places > 10_000
    cited = evidence.query("select distinct metric, unnest(sources).raw_table as raw_table from intermediate.int_indicator")
    named = evidence.query("select distinct metric, raw_table from seeds.metric_column")
    assert not [pair for pair in cited if pair not in named], "a metric whose cells were left out for want of a column"
    assert not evidence.problems


def _in_line(content: bytes, place: str, value: str) -> bytes:
    lines = content.decode().split("\n")
    number = int(place) - 1
    assert value in lines[number]
    lines[number] = lines[number].replace(value, value[:-1] + str((int(value[-1]) + 1) % 10))
    return "\n".join(lines).encode()


def _in_member(content: bytes, place: str, value: str, member: str) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            held = old.read(name)
            new.writestr(name, (_in_line if name.endswith(".csv") else _in_sheet)(held, place, value) if name == member else held)
    return changed.getvalue()


def _in_sheet(content: bytes, place: str, value: str) -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    sheet, cell = place.split("!")
    for one in (one for line in workbook[sheet][cell] for one in line) if ":" in cell else [workbook[sheet][cell]]:
        if isinstance(one.value, (int, float)) and abs(one.value - float(value)) < 1e-9:
            one.value += 1
    changed = io.BytesIO()
    workbook.save(changed)
    return changed.getvalue()


def _in_path(content: bytes, place: str, value: str) -> bytes:
    tree = json.loads(content)
    held = tree["results"][int(re.search(r"\d+", place)[0])]["values"]
    held |= {name: one + "1" for name, one in held.items() if one == value}
    return json.dumps(tree).encode()


CHANGES: dict[str, tuple[str, Callable[..., bytes]]] = {
    "nomis__aps_employment": ("value", _in_line),
    "dfe__apprenticeship_achievements_by_standard": ("achievements", _in_member),
    "ons__online_job_adverts": ("adverts", _in_sheet),
    "skills_imperative__replacement_demand": ("net_change_thousands", _in_member),
    "dfe__ks4_destinations": ("pupil_percent", _in_path),
}


@pytest.mark.parametrize("table", CHANGES)
def test_a_changed_cell_in_the_archive_is_noticed(table: str, evidence: Evidence, tmp_path: Path) -> None:
    column, change = CHANGES[table]
    row = evidence.query(f"select * from raw.{table} where {column} > 10 or {column} < -0.1 order by _source_file, _source_row limit 1")[0]
    dataset = evidence.query("select dataset from marts.dim_release where release_id = ?", [row["_release_id"]])[0]["dataset"]
    cell = Cell("value", "", "", table, (column,), dataset, row["_release_id"], row["_source_file"], row["_source_row"])
    assert evidence.rows(cell) and not evidence.problems
    copy = Evidence(evidence.connection, Archive(tmp_path / "archive"))
    shutil.copytree(evidence.archive.root / "manifests", copy.archive.root / "manifests")
    kept = copy.path(cell)
    kept.parent.mkdir(parents=True)
    text = f"{row[column]:g}" if change is not _in_sheet and table != "skills_imperative__replacement_demand" else repr(row[column])
    member = (cell.file.split("/", 1)[1],) if change is _in_member else ()
    kept.write_bytes(change(evidence.path(cell).read_bytes(), cell.place, text, *member))
    copy.rows(cell)
    assert any(column in problem for problem in copy.problems)


def _key(home: Path, mart: str, condition: str) -> str:
    with duckdb.connect(str(home / "serving" / "observatory.duckdb"), read_only=True) as connection:
        return connection.execute(f"select row_key from marts.{mart} where value is not null and {condition} order by row_key limit 1").fetchone()[0]


def test_explain_leads_from_a_gap_through_formula_models_and_inputs_to_lines_and_sheets(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(home))
    assert main(["explain", "ksb_gap", _key(home, "ksb_gap", "kind = 'skill' and level = 'area' and demand_basis = 'stock'")]) == 0
    printed = capsys.readouterr().out
    for said in (
        "Formula: g_k = 100",
        "of which name this KSB",
        "seed 20350101",
        "demand: weight",
        "supply: weight",
        "supply: statement",
        "more: observatory sql",
    ):
        assert said in printed
    assert re.search(r"cell +aps_\w+\.csv at \d+: \d", printed)
    assert re.search(r"cell +\S+\.xlsx at SOC2020 descriptions!\w+: \w", printed)
    assert re.search(r"cell +apprenticeshipstandards\.json at \[\d+\]\.skills\[\d+\]: \w", printed)
    paths = {line.split()[1] for line in printed.splitlines() if line.strip().startswith("bytes ")}
    assert len(paths) >= 4
    assert all(Path(path).stat().st_size for path in paths)


@pytest.mark.parametrize("mart", FACTS)
def test_explain_words_how_a_number_of_each_fact_mart_came_about(mart: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(home))
    assert main(["explain", mart, _key(home, mart, "true")]) == 0
    printed = capsys.readouterr().out
    assert "Formula: " in printed or "Definition: " in printed
    assert re.search(r"Raw cells \([1-9]", printed)


def test_explain_of_a_mart_without_keys_says_what_to_look_up_instead(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(home))
    assert main(["explain", "dim_area", "E06000016"]) == 1
    assert "carry no row_key" in capsys.readouterr().err
