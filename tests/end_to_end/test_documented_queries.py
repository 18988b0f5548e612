"""Every query that the command line suggests or a page shows runs on a published sample and finds something."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from observatory_assets.cli import EXAMPLES
from observatory_assets.refresh import Refresh
from resources.settings import PROJECT_ROOT

README = PROJECT_ROOT / "README.md"
GUIDE = "add_a_dataset.md"  # its model and query are of a dataset that only its own test adds
PAGES = (README, *sorted(page for page in (PROJECT_ROOT / "docs").glob("*.md") if page.name != GUIDE))


def queries(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"```sql\n(.*?)```", text, re.DOTALL) + re.findall(r'observatory sql "([^"]+)"', text)


DOCUMENTED = [pytest.param(query, id=f"{page.stem}-{number}") for page in PAGES for number, query in enumerate(queries(page), start=1)]


def test_the_readme_shows_the_queries_that_a_refresh_ends_with() -> None:
    assert queries(README)[: len(EXAMPLES)] == list(EXAMPLES)


@pytest.mark.parametrize("query", [*(pytest.param(query, id=f"refresh-{number}") for number, query in enumerate(EXAMPLES, start=1)), *DOCUMENTED])
def test_a_documented_query_finds_rows(finished: tuple[Path, Refresh], query: str) -> None:
    with duckdb.connect(str(finished[0] / "serving" / "observatory.duckdb"), read_only=True) as connection:
        assert connection.execute(query).fetchall()
