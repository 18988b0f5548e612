"""The commands that read the published database."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from observatory_assets.cli import EXAMPLES, main
from observatory_assets.refresh import Refresh


@pytest.fixture(autouse=True)
def published(finished: tuple[Path, Refresh], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBSERVATORY_HOME", str(finished[0]))
    return finished[0]


@pytest.mark.parametrize("query", EXAMPLES)
def test_the_example_queries_run_and_bring_rows(query: str, published: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["sql", query]) == 0
    with duckdb.connect(str(published / "serving" / "observatory.duckdb"), read_only=True) as connection:
        assert connection.execute(query).fetchall()
    assert "│" in capsys.readouterr().out


def test_sql_cannot_write_and_says_what_is_wrong(capsys: pytest.CaptureFixture) -> None:
    assert main(["sql", "drop table marts.ksb_gap"]) == 2
    assert "read-only" in capsys.readouterr().err
    assert main(["sql", "select nothing from nowhere"]) == 2


@pytest.mark.parametrize(("metric", "cell"), [("employment", r"aps_\w+\.csv at \d+"), ("employment_projection", r"\.xlsm at Occ F2![A-Z]+\d+")])
def test_explain_leads_from_a_number_to_the_archived_bytes(metric: str, cell: str, published: Path, capsys: pytest.CaptureFixture) -> None:
    with duckdb.connect(str(published / "serving" / "observatory.duckdb"), read_only=True) as connection:
        key = connection.execute(
            "select row_key from marts.fct_indicator where metric = ? and breakdown = 'occupation_sub_major' and value is not null limit 1", [metric]
        ).fetchone()[0]
    assert main(["explain", "fct_indicator", key]) == 0
    printed = capsys.readouterr().out
    assert re.search(cell, printed)
    [path] = {line.split()[1] for line in printed.splitlines() if line.strip().startswith("bytes ")}
    assert Path(path).stat().st_size > 0


def test_explain_of_what_is_not_there_lists_what_is(capsys: pytest.CaptureFixture) -> None:
    assert main(["explain", "no_such_mart", "x"]) == 1
    assert main(["explain", "fct_indicator", "no such key"]) == 1
    printed = capsys.readouterr().err
    assert "ksb_gap" in printed
    assert "no row with the key 'no such key'" in printed
