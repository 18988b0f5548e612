"""Annual Population Survey qualifications from Nomis: residents aged 16-64 by highest qualification, age and sex.

Belongs here: which cells, areas and calendar years are asked, and how rows become ``nomis__aps_qualifications``.
Does not belong here: how Nomis answers in general (publishers.nomis), rates, or any sum over areas.
Until 2021 the survey counts by NVQ level (table T19), from 2022 by RQF level (T19a); the two are not one series. Both are
published for calendar years only, so the periods are the newest Decembers of each rather than counted back from the latest.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

NOMIS_ID = "NM_17_1"

_FRAMEWORKS = {
    # framework: (table, first and last December, how many of the newest are asked)
    "nvq": ("T19", "2004-12", "2021-12", 2),
    "rqf": ("T19a", "2022-12", "9999-12", 3),
}
_LEVELS = ("level_4_plus", "level_3", "trade_apprenticeships", "level_2", "level_1", "other", "none")
_OPTIONAL = {"trade_apprenticeships"}

_CELL = re.compile(r"(T19a?):\d+ \((.+)\)", re.IGNORECASE)
_LEVEL = re.compile(
    r"(?:NVQ|RQF) ?(?:level )?(?P<number>[1-4])\b|(?P<trade>trade apprenticeship)|(?P<other>other qualification)|\b(?P<none>none|no qualification)",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b\d{2}-\d{2}\b")

QUALIFICATIONS = Table(
    name="nomis__aps_qualifications",
    description=(
        "One row per asked area, boundary version, calendar year, group of residents, highest qualification and measure: people, or the estimate's 95% "
        "confidence half-width. Districts have only the group of everyone aged 16-64."
    ),
    columns=nomis_tables.columns(
        date="Last month of the calendar year, 2024-12.",
        date_pattern=r"\d{4}-12",
        own=(
            Column("framework", "string", "nvq until 2021, rqf from 2022; never to be read as one series.", nullable=False, allowed=tuple(_FRAMEWORKS)),
            Column("level", "string", "Highest qualification.", nullable=False, allowed=_LEVELS),
            Column("sex", "string", "Total, Male or Female.", nullable=False, allowed=("Total", "Male", "Female")),
            Column("age", "string", "Age group; 16-64 is everyone.", nullable=False, pattern=r"\d{2}-\d{2}"),
            Column("cell", "string", "Nomis cell id.", nullable=False),
            Column("cell_name", "string", "Nomis cell name.", nullable=False),
            Column("measure", "string", "value or confidence, both in people.", nullable=False, allowed=tuple(nomis.MEASURES.values())),
        ),
        value="People, rounded by Nomis to 100",
        statuses="ok, u (unreliable, 3-9 respondents), c (0-2 respondents, and every value of 0), low (under 500), x (missing), nonfinite.",
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "framework", "level", "sex", "age", "measure"),
    complete_by=("asked_area", "level", "age", "framework"),
    total_column="value",
    period_column="date_code",
)


def find_cells(names: Mapping[str, str]) -> dict[str, dict[str, tuple[str, str, str]]]:
    """Framework -> cell id -> (level, sex, age), read from the cell names whatever the order of their parts.

    Only names with ``Total`` are looked at, as DfE does. A group of residents without all levels is left out.

    Raises:
        SchemaDrift: a table has no whole group of everyone aged 16-64, or two cells of one meaning.
    """
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    for framework, (table, *_) in _FRAMEWORKS.items():
        cells = {}
        for code, name in names.items():
            match = _CELL.fullmatch(name.strip())
            if match and match[1].casefold() == table.casefold() and "total" in match[2].casefold() and (meaning := _meaning(match[2])):
                cells[code] = meaning
        needed = set(_LEVELS) - _OPTIONAL
        groups = {(sex, age) for _, sex, age in cells.values()}
        whole = {group for group in groups if needed <= {level for level, *rest in cells.values() if tuple(rest) == group}}
        if ("Total", "16-64") not in whole or len(set(cells.values())) != len(cells):
            raise SchemaDrift(
                f"{NOMIS_ID} does not have the cells of {table} expected",
                rule="codes_by_name",
                expected=f"levels {', '.join(sorted(needed))} of all people aged 16-64, each once",
                found=f"{len(cells)} of {len(names):,} names: {sorted(set(cells.values()))[:10]}",
                action="read the cell names in Nomis and correct the patterns",
            )
        found[framework] = {code: meaning for code, meaning in cells.items() if meaning[1:] in whole}
    return found


def _meaning(name: str) -> tuple[str, str, str] | None:
    level, age = _LEVEL.search(name), _AGE.search(name)
    if not level or not age:
        return None
    if level["number"]:
        title = "level_4_plus" if level["number"] == "4" else f"level_{level['number']}"
    else:
        title = {"trade": "trade_apprenticeships"}.get(level.lastgroup, level.lastgroup)
    sex = "Female" if re.search(r"\bfemales?\b", name, re.IGNORECASE) else "Male" if re.search(r"\bmales?\b", name, re.IGNORECASE) else "Total"
    return title, sex, age[0]


def find_years(periods: Collection[str]) -> dict[str, list[str]]:
    """Framework -> the newest calendar years it is published for, by their last month.

    Raises:
        SchemaDrift: none of them.
    """
    years = {
        framework: sorted(code for code in periods if code.endswith("-12") and first <= code <= last)[-count:]
        for framework, (_, first, last, count) in _FRAMEWORKS.items()
    }
    if not all(years.values()):
        raise SchemaDrift(
            f"{NOMIS_ID} lists no calendar years",
            rule="periods",
            expected="periods 2021-12 and 2022-12 or later",
            found=sorted(periods)[-8:],
            action="compare the list of periods with the API's help page",
        )
    return years


def build_resources(areas: Areas, cells: Mapping[str, Mapping[str, tuple[str, str, str]]], years: Mapping[str, Sequence[str]]) -> list[Resource]:
    """One question per framework and kind of area; for districts only everyone aged 16-64, since smaller groups are mostly suppressed there."""
    resources = []
    for framework in _FRAMEWORKS:
        for group, asked in nomis.geographies(areas).items():
            chosen = {code: meaning for code, meaning in cells[framework].items() if group != "districts" or tuple(meaning[1:]) == ("Total", "16-64")}
            question = nomis.Question(NOMIS_ID, asked, {"cell": tuple(chosen)}, years[framework], len(years[framework]), {"cell": {}}, tuple(nomis.MEASURES))
            resources += nomis_tables.resources(question, f"qualifications_{framework}_{group}", {"framework": framework, "cells": json.dumps(chosen)})
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When the survey's data set was last updated and revised, from its overview: four times a year, though these tables change once."""
    return nomis_tables.marker(lookup, NOMIS_ID)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per framework and kind of area, for the cells found by name and the newest Decembers of the list of periods."""
    cells = find_cells(nomis_tables.code_names(lookup, NOMIS_ID, "cell"))
    return build_resources(lookup.areas, cells, find_years(nomis_tables.code_names(lookup, NOMIS_ID, "time")))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, cells, measures or years other than those asked.
    """
    return nomis_tables.parse(payloads, QUALIFICATIONS, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    level, sex, age = json.loads(labels["cells"])[row["CELL"]]
    own = {
        "framework": labels["framework"],
        "level": level,
        "sex": sex,
        "age": age,
        "cell": row["CELL"],
        "cell_name": row["CELL_NAME"],
        "measure": nomis.MEASURES[row["MEASURES"]],
    }
    # A sample has no group of nobody: DfE publishes these zeros as suppressed.
    return own | ({"value": None, "status": "c"} if row["value"] == 0 and row["MEASURES"] == nomis.VALUE else {})


DATASET = Dataset(
    slug="aps_qualifications",
    title="Annual Population Survey: qualifications by age and sex",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/datasets/aps",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Annual Population Survey via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Residents aged 16-64 by highest qualification, with 95% confidence half-widths, for calendar years: by NVQ level for 2020 and 2021, by RQF level "
        "for the newest three years since. The survey's questions changed between the two, so they are kept apart (measure_basis nvq and rqf) and no "
        "change is worked out across the break. Level 2 or above includes trade apprenticeships, which are at level 2 or 3; level 3 or above does not, as "
        "DfE has it. A rate has a value only if every level of its group has one: an estimate of 0 is a suppressed one. ONS had the accreditation of the "
        "survey suspended in October 2024."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=91),
    publication_delay=dt.timedelta(days=21),
    tables=(QUALIFICATIONS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Tables, words of the cell names and the calendar years read in the code of DfE's dashboard; the whole names never seen, so their parts are read in "
        "any order. Address and shape of the list of periods are those of other clients."
    ),
)
