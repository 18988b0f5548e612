"""Sample of UK Business Counts: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented numbers of enterprises and local units. Does not belong here: Nomis' wire format (sample.nomis_wire).
One release, of March 2022 to 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.business_counts import DATA_SETS, build_resources
from observatory_assets.publishers import nomis
from observatory_assets.sample import nomis_sic as sic
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import uniform

_YEARS = ("2022", "2023", "2024", "2025", "2026")
_BANDS = {
    # code: (name, share of enterprises)
    "0": ("Total", 1.0),
    "10": ("Micro (0 to 9)", 0.893),
    "20": ("Small (10 to 49)", 0.086),
    "30": ("Medium-sized (50 to 249)", 0.017),
    "40": ("Large (250+)", 0.004),
}
_PER_ENTERPRISE = {"enterprise": 1.0, "local_unit": 1.2}


def entries(phase: int) -> Iterator[Entry]:
    """Overviews, code lists and one answer per question; nothing after phase 1."""
    if phase != 1:
        return
    industries = nomis.industries(sic.names())
    names = {"employment_sizeband": {band: name for band, (name, _) in _BANDS.items()}}
    resources = build_resources(wire.AREAS, dict.fromkeys(DATA_SETS, industries))
    for unit, data_set in DATA_SETS.items():

        def observe(area: Area, date: str, codes: Mapping[str, str], measure: str, unit: str = unit) -> wire.Observation:
            units = sum(_enterprises(place, codes["industry"], industries, int(date)) for place in wire.members(area))
            units *= _PER_ENTERPRISE[unit] * _BANDS[codes["employment_sizeband"]][1]
            return f"{5 * round(units / 5)}", "A", wire.NORMAL

        yield wire.overview(data_set, f"UK Business Counts - {unit.replace('_', ' ')}s", "2026-09-30 09:30:00", "2027-09-29 09:30:00")
        yield wire.codes(data_set, "industry", sic.names())
        own = [resource for resource in resources if resource.labels["unit"] == unit]
        yield from wire.answers(own, {year: year for year in _YEARS}, names, observe)


def _enterprises(place: str, industry: str, industries: nomis.Industries, year: int) -> float:
    if industry == industries.total:
        return sum(_enterprises(place, section, industries, year) for section in industries.sections)
    letter = industries.sections[industry][0]
    drift = 1 + uniform(-0.01, 0.02, "enterprises", "drift", letter) * (year - 2022)
    return 8_500 * wire.size(place) * sic.SECTIONS[letter][1] * uniform(0.5, 1.6, "enterprises", place, letter) * drift
