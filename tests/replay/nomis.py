"""Real files of Nomis, read as releases are, or refused as they should be.

Belongs here: one function per recorded file of data/nomis. Does not belong here: constructed files, or what the rows should be.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from observatory_assets.datasets import aps_economic_activity, aps_employment, ashe, bres, business_counts, claimant_count
from observatory_assets.publishers import nomis
from observatory_assets.sample import nomis_sic as sic
from resources.errors import SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import payload, read
from tests.datasets.nomis_cases import asked, own_labels, part_of

SECTIONS = nomis.industries(sic.names()).sections


def whole(path: Path) -> dict[str, int]:
    """Rows of an answer of a data set that no dataset asks, complete by its own codes."""
    return {"rows": sum(1 for _ in nomis.answer([(path.name, path)], own_labels(path)))}


def part(dataset, more: dict[str, str], **kept: tuple[str, ...]) -> Callable[[Path], dict[str, int]]:
    """A reader of the rows a dataset asks, by its own parse, after reading all."""

    def read_part(path: Path) -> dict[str, int]:
        body, labels = part_of(path, **kept)
        with tempfile.TemporaryDirectory() as folder:
            tables = read(dataset, [payload(Path(folder) / path.name, body, **labels, **more)])
        return whole(path) | {name: table.num_rows for name, table in tables.items()}

    return read_part


def direct(dataset, more: dict[str, str]) -> Callable[[Path], dict[str, int]]:
    """A reader of a whole file by a dataset's parse."""

    def read_all(path: Path) -> dict[str, int]:
        return {name: table.num_rows for name, table in read(dataset, [payload(path, **own_labels(path), **more)]).items()}

    return read_all


def refused_empty(path: Path) -> dict[str, int]:
    """A 0-byte answer is refused."""
    try:
        list(nomis.read_pages([(path.name, path)]))
    except UnexpectedPayload as error:
        assert error.rule == "not_empty", error
        return {"refused": 1}
    raise AssertionError(f"{path} was read")


def refused_total(path: Path) -> dict[str, int]:
    """The Total repeated for unknown codes is refused."""
    labels = asked(own_labels(path), codes={"industry": list(SECTIONS)[:9], "employment_status": ["1"], "measure": ["1", "2"]})
    try:
        read(bres.DATASET, [payload(path, **labels, industries="{}")])
    except SchemaDrift as error:
        assert error.rule == "codes_asked", error
        return {"refused": 1}
    raise AssertionError(f"{path} was read")


def definition(path: Path) -> dict[str, int]:
    """A structure document names one dimension of its own."""
    assert nomis.own_dimension(json.loads(path.read_text(encoding="utf-8"))) == "c2021_restype_3"
    return {"own dimensions": 1}


def overview(path: Path) -> dict[str, int]:
    """An overview gives marker, release and next release."""
    release = nomis.release(json.loads(path.read_text(encoding="utf-8")))
    assert all(release), release
    return {"releases": 1}


def names_of(path: Path) -> dict[str, str]:
    """Cell names in the heading of an exported table, by column."""
    with path.open(newline="", encoding="utf-8") as file:
        return {str(number): name.strip() for number, name in enumerate(next(csv.reader(file)))}


def economic_activity(path: Path) -> dict[str, int]:
    """The exported table's heading has the cells that are searched for by name."""
    return {"cells": len(aps_economic_activity.find_cells(names_of(path)))}


def industry(path: Path) -> dict[str, int]:
    """The exported table's heading has the cells that are searched for by name."""
    pattern, expected = aps_employment._CELLS["industry"]
    return {"cells": len(nomis.cells_named(names_of(path), pattern, expected, "industry cells"))}


_API = "nomis/api_csv_2026-04"
_BY_SECTION = {"industries": json.dumps({code: ["industry_section", letter, title] for code, (letter, title) in SECTIONS.items()})}
_VARIABLES = {
    "18": "economic_activity_rate",
    "45": "employment_rate",
    "84": "unemployment_rate",
    "111": "inactivity_rate",
    "249": "self_employment_rate",
}

REPLAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    f"{_API}/census2021_kirklees_qualifications.csv": whole,
    f"{_API}/nomis-aps-employment.csv": part(
        aps_economic_activity.DATASET, {"table": "rates", "variables": json.dumps(_VARIABLES)}, VARIABLE=tuple(_VARIABLES)
    ),
    f"{_API}/nomis-aps-emprate.csv": refused_empty,
    f"{_API}/nomis-aps-v2.csv": refused_empty,
    f"{_API}/nomis-bres-by-industry.csv": refused_total,
    f"{_API}/nomis-bres-sectors.csv": part(bres.DATASET, {"industries": json.dumps({sic.TOTAL: ["total", "Total", "Total"]})}, MEASURE=("1",)),
    f"{_API}/nomis-bres-sic-sections.csv": part(bres.DATASET, _BY_SECTION, MEASURE=("1",)),
    f"{_API}/nomis-business-counts.csv": direct(business_counts.DATASET, {"unit": "enterprise", "industries": json.dumps(SECTIONS)}),
    f"{_API}/nomis-claimant-count.csv": part(claimant_count.DATASET, {}, MEASURE=("1", "2")),
    f"{_API}/nomis-claimant-count2.csv": refused_empty,
    f"{_API}/nomis-claimant-v2.csv": refused_empty,
    f"{_API}/nomis-earnings.csv": direct(ashe.DATASET, {"basis": "residence", "sexes": json.dumps({"7": "Total"})}),
    f"{_API}/nomis-employment-rate.csv": refused_empty,
    f"{_API}/nomis-jobs-density.csv": whole,
    f"{_API}/nomis-labour-profile.csv": refused_empty,
    f"{_API}/nomis-population.csv": whole,
    f"{_API}/nomis-qualifications.csv": whole,
    f"{_API}/nomis-unemployment-rate.csv": refused_empty,
    "nomis/def_sdmx_NM_2021_1_2026-02-06.json": definition,
    "nomis/extract_T01_leicester_areas.csv": economic_activity,
    "nomis/extract_T13a_leicester_areas.csv": industry,
    "nomis/overview_NM_162_1_2025-02.json": overview,
}
