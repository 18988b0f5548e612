"""`observatory annex`: the document, its sections and its marks, from a small published database."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from observatory_assets.annex import SAMPLE, annex
from observatory_assets.cli import main
from resources.errors import ObservatoryError

pytestmark = pytest.mark.evidence

COLUMNS = (
    "dataset varchar, publisher varchar, raw_table varchar, field varchar, metric varchar, finding_id varchar, finding varchar, consequence varchar,"
    " ask varchar, evidence varchar, position integer, is_sample boolean"
)
ROUNDED = "1 of 4 current figures | <b>25%</b> are\nrounded."
ROWS = [
    ("pay", "Pay Office", "pay__table", "value", "median_pay", "rounded_figures", ROUNDED, "Bounds widen.", "Publish totals.", "select 1", 8, False),
    (
        "pay",
        "Pay Office",
        "pay__table",
        "value",
        "median_pay",
        "suppressed_figures",
        "2 of 4 are suppressed.",
        "Coverage falls.",
        "A range.",
        "select 2",
        1,
        False,
    ),
    ("jobs", "Adverts Ltd", None, "every file", None, "needs_key", "A key is needed.", "Missing.", "Open it.", "select 3", 13, True),
]


def publish(home: Path, rows: list[tuple]) -> Path:
    (home / "serving").mkdir(parents=True)
    path = home / "serving" / "observatory.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_dataset (slug varchar, title varchar, landing_page varchar)")
        connection.execute(
            "insert into marts.dim_dataset values ('pay', 'Earnings', 'https://example.org/pay'), ('jobs', 'Adverts', 'https://example.org/jobs'),"
            " ('map', 'Boundaries', 'https://example.org/map')"
        )
        connection.execute(f"create table marts.data_recommendation ({COLUMNS})")
        if rows:
            connection.executemany(f"insert into marts.data_recommendation values ({', '.join('?' * 12)})", rows)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OBSERVATORY_PROFILE", raising=False)
    return tmp_path / "home"


def test_the_annex_has_a_section_per_source_with_the_costliest_findings_first(home: Path, capsys: pytest.CaptureFixture) -> None:
    publish(home, ROWS)
    assert main(["annex"]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^## (.+)$", printed, re.MULTILINE) == [f"Adverts{SAMPLE}", "Earnings", "Sources without a finding"]
    assert printed.count("| field | finding | consequence | ask |") == 2
    assert printed.index("2 of 4 are suppressed.") < printed.index("1 of 4 current figures")
    assert "Pay Office, <https://example.org/pay>; dataset `pay`." in printed
    assert printed.endswith("- Boundaries\n")
    assert "select 2;\nselect 1;" in printed


def test_a_section_is_marked_as_sample_exactly_where_its_numbers_are(home: Path) -> None:
    with duckdb.connect(str(publish(home, ROWS[:2])), read_only=True) as connection:
        assert "SAMPLE" not in annex(connection)
    (home / "serving" / "observatory.duckdb").unlink()
    (home / "serving").rmdir()
    with duckdb.connect(str(publish(home, ROWS)), read_only=True) as connection:
        assert [line for line in annex(connection).splitlines() if "SAMPLE" in line] == [f"# Data recommendations{SAMPLE}", f"## Adverts{SAMPLE}"]


def test_no_text_breaks_out_of_its_cell(home: Path) -> None:
    with duckdb.connect(str(publish(home, ROWS)), read_only=True) as connection:
        tables = [line for line in annex(connection).splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in tables)
    assert "1 of 4 current figures \\| &lt;b>25%&lt;/b> are rounded." in "\n".join(tables)


def test_the_annex_goes_to_the_file_that_is_named_and_is_the_same_each_time(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    publish(home, ROWS)
    assert main(["annex"]) == 0
    printed = capsys.readouterr().out
    assert main(["annex", "--out", str(tmp_path / "annex.md")]) == 0
    assert "annex.md" in capsys.readouterr().out
    assert (tmp_path / "annex.md").read_text(encoding="utf-8") == printed


def test_a_file_that_cannot_be_written_is_named(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    publish(home, ROWS)
    (tmp_path / "file").touch()
    assert main(["annex", "--out", str(tmp_path / "file" / "annex.md")]) == 2
    assert "annex.md cannot be written" in capsys.readouterr().err


def test_before_a_refresh_and_from_an_older_build_the_annex_says_what_to_do(home: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["annex"]) == 1
    with duckdb.connect(str(publish(home, []))) as connection:
        connection.execute("drop table marts.data_recommendation")
        with pytest.raises(ObservatoryError, match="observatory refresh"):
            annex(connection)
    assert main(["annex"]) == 1
    assert capsys.readouterr().err.count("run `observatory refresh` first") == 2


def test_a_build_in_which_nothing_was_found_gives_a_document_that_says_so(home: Path) -> None:
    with duckdb.connect(str(publish(home, [])), read_only=True) as connection:
        text = annex(connection)
    assert "0 sources (0 findings)" in text and "- Earnings" in text
