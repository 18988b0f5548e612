"""Sample of Census 2021: synthetic answers of Nomis to the dataset's questions.

Belongs here: invented counts. Does not belong here: Nomis' wire format (sample.nomis_wire).
One release; a census has no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from observatory_assets.areas import Area
from observatory_assets.datasets.census_2021 import DATA_SETS, build_resources, find_categories
from observatory_assets.sample import nomis_wire as wire
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import MAJORS, uniform

DIMENSIONS = {"qualification": "c2021_hiqual_8", "occupation": "c2021_occ_10"}
NAMES = {
    "qualification": {
        "0": "Total: All usual residents aged 16 years and over",
        "1": "No qualifications",
        "2": "Level 1 and entry level qualifications",
        "3": "Level 2 qualifications",
        "4": "Apprenticeship",
        "5": "Level 3 qualifications",
        "6": "Level 4 qualifications or above",
        "7": "Other qualifications",
    },
    "occupation": {
        "0": "Total: All usual residents aged 16 years and over in employment the week before the census",
        **{major: f"{major}. {title}" for major, title in MAJORS.items()},
    },
}
_TITLES = {"qualification": "TS067 - Highest level of qualification", "occupation": "TS063 - Occupation"}


def entries(phase: int) -> Iterator[Entry]:
    """Overviews, structures, code lists and one answer per question; nothing after phase 1."""
    if phase != 1:
        return
    resources = build_resources(wire.AREAS, DIMENSIONS, {topic: find_categories(topic, names) for topic, names in NAMES.items()})
    for topic, data_set in DATA_SETS.items():

        def observe(area: Area, date: str, codes: Mapping[str, str], measure: str, topic: str = topic) -> wire.Observation:
            parts = [part for part in NAMES[topic] if part != "0"] if codes[DIMENSIONS[topic]] == "0" else [codes[DIMENSIONS[topic]]]
            return f"{sum(_residents(topic, place, part) for part in parts for place in wire.members(area))}", "A", wire.NORMAL

        yield wire.overview(data_set, _TITLES[topic], "2023-01-10 09:30:00", None)
        yield wire.definition(data_set, DIMENSIONS[topic])
        yield wire.codes(data_set, DIMENSIONS[topic], NAMES[topic])
        yield from wire.answers([resource for resource in resources if resource.labels["topic"] == topic], {"2021": "2021"}, {}, observe)


def _residents(topic: str, place: str, part: str) -> int:
    people = {"qualification": 165_000, "occupation": 98_000}[topic] * wire.size(place)
    share = uniform(0.06, 0.22, "census", topic, part) * uniform(0.8, 1.25, "census", topic, part, place)
    return round(people * share)
