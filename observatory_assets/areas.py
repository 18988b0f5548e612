"""The areas the observatory reports on, read from the dbt seeds so that adding one is rows, not code.

Belongs here: reading area.csv and area_district.csv. Does not belong here: geography look-ups from publishers.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Area:
    """A place with its districts; ``make_name`` is the comma-free name user-defined areas are asked by."""

    code: str
    name: str
    area_type: str
    boundary_version: str
    role: str
    make_name: str
    districts: tuple[str, ...]


@dataclass(frozen=True)
class Areas:
    """Every area of the seeds."""

    areas: tuple[Area, ...]

    @classmethod
    def from_seeds(cls, seeds: Path) -> Areas:
        members: dict[tuple[str, str], list[str]] = {}
        with (seeds / "area_district.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                members.setdefault((row["area_code"], row["boundary_version"]), []).append(row["district_code"])
        with (seeds / "area.csv").open(newline="", encoding="utf-8") as file:
            return cls(
                tuple(
                    Area(
                        code=row["area_code"],
                        name=row["area_name"],
                        area_type=row["area_type"],
                        boundary_version=row["boundary_version"],
                        role=row["role"],
                        make_name=row["make_name"],
                        districts=tuple(members.get((row["area_code"], row["boundary_version"]), ())),
                    )
                    for row in csv.DictReader(file)
                )
            )

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with any area's code, name, boundary version or districts.

        Where a parser picks the areas out of a national file, an added area changes neither the question nor the answer: such a dataset
        puts this into its marker and its files' names, so that the same bytes are read again.
        """
        told = [(area.code, area.name, area.boundary_version, *area.districts) for area in self.areas]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:8]

    def made_of_districts(self) -> tuple[Area, ...]:
        """Areas that publishers do not know by code and that are asked as sums of districts."""
        return tuple(area for area in self.areas if area.area_type == "LSIP")

    def districts(self) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.area_type == "LAD")

    def wider(self) -> tuple[Area, ...]:
        """Regions and countries, for comparison."""
        return tuple(area for area in self.areas if area.area_type in ("region", "country"))
