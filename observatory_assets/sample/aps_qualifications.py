"""Sample of qualifications: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented shares of levels. Does not belong here: Nomis' wire format (sample.nomis_wire); the overview and the
cell list of NM_17_1, which sample.aps_employment gives.
Both phases of the survey have the same newest calendar year, 2025, so only the list of periods changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.aps_qualifications import NOMIS_ID, build_resources, find_cells, find_years
from observatory_assets.sample import aps_employment
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import uniform

_SHARES = {
    # level: share of people aged 16-64
    "level_4_plus": 0.40,
    "level_3": 0.19,
    "trade_apprenticeships": 0.03,
    "level_2": 0.16,
    "level_1": 0.09,
    "other": 0.06,
    "none": 0.07,
}
_AGES = {"16-64": 1.0, "50-64": 0.29}
_SEXES = {"Total": 1.0, "Male": 0.49, "Female": 0.51}


def entries(phase: int) -> Iterator[Entry]:
    """The list of periods of each phase, and in phase 1 one answer per question."""
    if phase not in aps_employment.RELEASES:
        return
    periods = _periods(phase)
    yield wire.codes(NOMIS_ID, "time", periods)
    if phase == 1:
        cells = find_cells(aps_employment.cell_names())
        years = find_years(periods)

        def observe(area: Area, date: str, codes: Mapping[str, str], measure: str) -> wire.Observation:
            meaning = next(meanings[codes["cell"]] for meanings in cells.values() if codes["cell"] in meanings)
            return aps_employment.observation(sum(_people(place, *meaning, date) for place in wire.members(area)), measure)

        for framework in cells:
            own = [resource for resource in build_resources(wire.AREAS, cells, years) if resource.labels["framework"] == framework]
            asked = {year: periods[year] for year in years[framework]}
            yield from wire.answers(own, asked, {"cell": aps_employment.cell_names()}, observe)


def _periods(phase: int) -> dict[str, str]:
    newest = max(aps_employment.periods(phase))
    names = {"03": "Apr {0}-Mar {1}", "06": "Jul {0}-Jun {1}", "09": "Oct {0}-Sep {1}", "12": "Jan {1}-Dec {1}"}
    codes = [f"{year}-{month}" for year in range(2018, 2027) for month in names]
    return {code: names[code[5:]].format(int(code[:4]) - 1, code[:4]) for code in codes if code <= newest}


def _people(place: str, level: str, sex: str, age: str, date: str) -> float:
    noise = uniform(0.85, 1.15, NOMIS_ID, place, level, sex, age)
    # From 2022 the survey asks otherwise, which moves people between levels within one year.
    broken = {"level_3": 0.9, "level_4_plus": 1.08}.get(level, 1.0) if date >= "2022" else 1.0
    trend = 1 + 0.01 * (int(date[:4]) - 2020) * (1 if level == "level_4_plus" else -0.5)
    return 130_000 * wire.size(place) * _SHARES[level] * _AGES[age] * _SEXES[sex] * noise * broken * trend
