"""Sample of economic activity: synthetic answers of Nomis to the dataset's questions, in line with the sample of employment.

Belongs here: invented shares of the population. Does not belong here: Nomis' wire format (sample.nomis_wire); the overview and
the cell list of NM_17_1, which sample.aps_employment gives.
Periods and phases are those of sample.aps_employment. User-defined areas have counts but no rates here, so that both ways of
getting one are in the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.aps_economic_activity import COUNTS_ID, RATES_ID, build_resources, find_cells, find_variables
from observatory_assets.sample import aps_employment, world
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry

VARIABLES = {
    "18": "Economic activity rate - aged 16-64",
    "45": "Employment rate - aged 16-64",
    "73": "% in employment who are self employed - aged 16-64",
    "83": "Unemployment rate - aged 16+",
    "84": "Unemployment rate - aged 16-64 ",
    "111": "% who are economically inactive - aged 16-64",
    "248": "% aged 16-64 who are employees",
    "249": "% aged 16-64 who are self employed",
}
_FRACTIONS = {
    # rate: (numerator, denominator)
    "economic_activity_rate": ("economically_active", "population"),
    "employment_rate": ("employment", "population"),
    "unemployment_rate": ("unemployment", "economically_active"),
    "inactivity_rate": ("inactivity", "population"),
    "self_employment_rate": ("self_employment", "population"),
}


def entries(phase: int) -> Iterator[Entry]:
    """Overview and variables of the rates, and one answer per question; nothing in phase 3."""
    if phase not in aps_employment.RELEASES:
        return
    _, updated, following = aps_employment.RELEASES[phase]
    cells, variables = find_cells(aps_employment.cell_names()), find_variables(VARIABLES)

    def observe(area: Area, date: str, codes: Mapping[str, str], measure: str) -> wire.Observation:
        people = _people(area, date)
        if "cell" in codes:
            return aps_employment.observation(people[cells[codes["cell"]]], measure)
        if wire.is_made(area):
            return "", "Q", wire.MISSING
        return _rate(people, variables[codes["variable"]], measure)

    yield wire.overview(RATES_ID, "annual population survey (variables (percentages))", updated, following)
    if phase == 1:
        yield wire.codes(RATES_ID, "variable", VARIABLES)
    yield from wire.answers(build_resources(wire.AREAS, cells, variables), aps_employment.periods(phase), {"cell": aps_employment.cell_names()}, observe)


def _people(area: Area, date: str) -> dict[str, float]:
    """Unrounded people aged 16-64 by activity; those in employment are the sample's of employment."""
    found: dict[str, float] = dict.fromkeys(("population", "economically_active", "employment", "self_employment", "unemployment", "inactivity"), 0.0)
    for place in wire.members(area):
        noise = world.rng(COUNTS_ID, place, date[:4])
        employment = aps_employment.people_in(place, "total", "", int(date[:4]), date[5:])
        unemployment = employment * noise.uniform(0.02, 0.07)
        inactivity = (employment + unemployment) * noise.uniform(0.22, 0.32)
        found["population"] += employment + unemployment + inactivity
        found["economically_active"] += employment + unemployment
        found["employment"] += employment
        found["self_employment"] += employment * noise.uniform(0.08, 0.15)
        found["unemployment"] += unemployment
        found["inactivity"] += inactivity
    return found


def _rate(people: Mapping[str, float], rate: str, measure: str) -> wire.Observation:
    numerator, denominator = (people[part] for part in _FRACTIONS[rate])
    value, status, said = aps_employment.observation(numerator, "20100" if measure != "21003" else "20701")
    if measure == "20599" and value:
        value = f"{100 * numerator / denominator:.1f}"
    elif measure == "21002":
        value, status, said = aps_employment.observation(denominator, "20100")
    elif measure == "21003" and value:
        value = f"{100 * float(value) / denominator:.1f}"
    return value, status, said
