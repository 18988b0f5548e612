"""The figures of docs/ksb.md: what is recorded is what the matcher earns today, and the page shows all of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from observatory_assets.ksb.model import load_embedder
from observatory_assets.ksb_figures import FIGURES, record, with_figures
from resources.observatory import Observatory
from resources.settings import PROJECT_ROOT, Settings

AGAIN = "run python -m observatory_assets.ksb_figures sample, and python -m observatory_assets.docs"


@pytest.fixture(scope="module")
def figures() -> dict:
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def test_the_recorded_marks_are_what_the_matcher_earns_today(figures: dict, tmp_path: Path) -> None:
    embedder = load_embedder()
    if embedder is None:
        pytest.skip("the sentence model is not installed")
    now = record("sample", Observatory(Settings(home=tmp_path)), None, embedder, dt.date(2026, 1, 1))
    for part in ("taxonomy_version", "model", "marks", "confusion"):
        assert figures["sample"][part] == now[part], AGAIN


def test_the_page_shows_every_part_of_the_sample(figures: dict) -> None:
    page = with_figures((PROJECT_ROOT / "docs" / "ksb.md").read_text(encoding="utf-8"), figures)
    for part in ("marks", "gates", "confusion", "mass", "questions"):
        shown = page.partition(f"<!-- figures: sample {part} -->")[2].partition("<!-- end of figures -->")[0]
        assert f"Recorded on {figures['sample']['recorded_on']}" in shown and shown.count("\n|") >= 3, part
    assert "| NO |" not in page
    assert len(figures["sample"]["questions"]) == 20


def test_a_part_that_was_not_recorded_says_so_and_an_unknown_one_is_refused() -> None:
    page = "# KSB\n<!-- figures: replay mass -->\nold\n<!-- end of figures -->\n"
    assert with_figures(page, {}) == "# KSB\n<!-- figures: replay mass -->\n\nNot recorded.\n<!-- end of figures -->\n"
    assert with_figures(with_figures(page, {}), {}) == with_figures(page, {})
    with pytest.raises(ValueError, match="names the figures 'replay mess'"):
        with_figures(page.replace("mass", "mess"), {})
    with pytest.raises(ValueError, match="must hold"):
        with_figures("# KSB\n", {})


def test_a_text_cannot_break_the_table() -> None:
    question = {"text": "a | b\nc", "kind": None, "current": None, "runner_up": None, "method": "abstain", "score": None, "influence": 0.5, "used_in": "x"}
    sample = {"recorded_on": "2026-01-01", "model": "m", "marks": [], "confusion": [], "questions": [question]}
    page = with_figures("<!-- figures: sample questions -->\n<!-- end of figures -->", {"sample": sample})
    assert "| a \\| b c | – | – | abstain | – | – | 50.00% | x |" in page
