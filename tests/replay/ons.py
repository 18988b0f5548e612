"""Real files of the geography look-ups and boundaries, read as releases are.

Belongs here: one function per recorded file of data/geography. Does not belong here: constructed files, or what the rows should be.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from observatory_assets.datasets import district_boundaries, lsip_districts
from tests.datasets.fetched import AREAS, payload, read


def _look_up(records: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """The look-up's own parser on records that were saved in another file format than the portal answers in."""
    features = [{"attributes": record} for record in records]
    with tempfile.TemporaryDirectory() as folder:
        page = payload(Path(folder) / "lookup_1.json", json.dumps({"features": features}).encode(), records=str(len(features)))
        return {name: table.num_rows for name, table in read(lsip_districts.DATASET, [page]).items()}


def look_up_workbook(path: Path) -> dict[str, int]:
    """The 2023 look-up as a workbook: blanks around names, one column more."""
    from openpyxl import load_workbook

    header, *rows = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    return _look_up(dict(zip(header, row, strict=True)) for row in rows)


def look_up_csv(path: Path) -> dict[str, int]:
    """Both years in one file with the columns of an R package; the rows of 2025 are taken."""
    names = {"lad_code": "LAD25CD", "lad_name": "LAD25NM", "lsip_code": "LSIP25CD", "lsip_name": "LSIP25NM"}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["most_recent_year_included"]) == 2025]
    return _look_up({column: row[name] for name, column in names.items()} for row in rows)


def outlines(path: Path) -> dict[str, int]:
    """Nine districts and the old LSIP area, with the columns of a dashboard; districts are joined to both areas."""
    page = json.loads(path.read_text(encoding="utf-8"))
    district_boundaries.check_reference_system(page, path.name)
    rows = [
        {
            "district_code": feature["properties"]["areaCode"],
            "geojson": district_boundaries.outline(feature["geometry"], path.name),
            "edition": "2024-12",
            "_source_file": path.name,
            "_source_row": f"features[{place}]",
        }
        for place, feature in enumerate(page["features"])
    ]
    held = {row["district_code"] for row in rows}
    made = [[area.code, area.boundary_version, area.name, area.districts] for area in AREAS.made_of_districts() if held >= set(area.districts)]
    return {"ons__district_boundaries": len(rows), "ons__area_outlines": len(list(district_boundaries.dissolved(rows, made)))}


REPLAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    "geography/LSIP_lookup.xlsx": look_up_workbook,
    "geography/lsip_lad_lookup_2023_2025_dfeR.csv": look_up_csv,
    "geography/leicester_leicestershire_rutland_lads_and_lsip_wgs84.geojson": outlines,
}
