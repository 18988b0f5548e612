"""Cells that hold a date written day first, or a list."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory_assets.publishers.tabular import british_date, semicolon_list
from resources.errors import SchemaDrift


@pytest.mark.parametrize("text", ["18/02/2025", "18-02-2025", " 18/2/2025 "])
def test_a_date_is_read_day_first(text):
    assert british_date(text) == dt.date(2025, 2, 18)


def test_no_date_is_nothing():
    assert british_date("  ") is None


@pytest.mark.parametrize("text", ["2025-02-18", "02/18/2025", "31/02/2025", "18/02/25", "soon", "18/02/2025 09:30"])
def test_what_is_not_such_a_date_is_refused(text):
    with pytest.raises(SchemaDrift, match="day first"):
        british_date(text)


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("", []),
        (" ; ;", []),
        ("Day; Night ", ["Day", "Night"]),
        ("Health &amp; safety;Food&nbsp;hygiene", ["Health & safety", "Food hygiene"]),
        ("R&D;Q & A", ["R&D", "Q & A"]),
        ("<p>One</p>;Two&#59; Three", ["One", "Two", "Three"]),
    ],
)
def test_a_list_in_a_cell_is_cut_at_semicolons_but_not_at_the_end_of_an_entity(cell, items):
    assert semicolon_list(cell) == items


@given(st.text())
def test_no_item_is_empty(cell):
    assert all(item.strip() for item in semicolon_list(cell))
