"""Nomis' wire format for the samples: overviews, structures, code lists and CSV answers to the datasets' own questions.

Belongs here: how Nomis writes. Does not belong here: invented numbers, or which questions are asked.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.areas import Area, Areas
from observatory_assets.datasets.contract import Resource
from observatory_assets.publishers import nomis
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import DISTRICTS, rng
from resources.settings import PROJECT_ROOT

AREAS = Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")
NORMAL = "Normal Value"
MISSING = "These figures are missing."
DISCLOSIVE = "Estimate and confidence interval not available since the group sample size is zero or disclosive (0-2)"
UNRELIABLE = "Estimate and confidence interval unreliable since the group sample size is small (3-9)"
SMALL = "Estimate is less than 500"

Observation = tuple[str, str, str]
"""(OBS_VALUE, OBS_STATUS, OBS_STATUS_NAME)."""

_WIDER = {"E12000004": 24.0, "E92000001": 280.0}


def size(place: str) -> float:
    """Size of a district, region or country on the scale of world.DISTRICTS, in 100,000s of workers."""
    return DISTRICTS[place][1] if place in DISTRICTS else _WIDER.get(place) or rng("aps", place).uniform(0.4, 1.3)


def overview(data_set: str, name: str, updated: str, following: str | None) -> Entry:
    """The parts of an overview that date a release; a finished table names no next one."""
    dates = {"lastrevised": updated, "lastupdated": updated} | ({"nextupdate": following} if following else {})
    document = {"overview": {"id": data_set, "firstreleased": "2005-01-01 09:30:00", **dates, "name": name, "restricted": "false"}}
    return Entry(nomis.HOST, urlsplit(nomis.overview_url(data_set)).path, _json(document))


def code_list(names: Mapping[str, str]) -> dict[str, object]:
    """A code list document of code -> name."""
    codes = [{"description": {"value": name, "lang": "en"}, "value": int(code) if code.isdigit() else code} for code, name in names.items()]
    return {"structure": {"codelists": {"codelist": [{"agencyid": "NOMIS", "code": codes}]}}}


def codes(data_set: str, concept: str, names: Mapping[str, str]) -> Entry:
    """The answer that lists the codes of one dimension."""
    return Entry(nomis.HOST, urlsplit(nomis.code_list_url(data_set, concept)).path, _json(code_list(names)))


def definition(data_set: str, dimension: str) -> Entry:
    """Structure of a Census table with one dimension of its own."""
    dimensions = [{"codelist": f"CL_{name}", "conceptref": name} for name in ("GEOGRAPHY", dimension.upper(), "MEASURES", "FREQ")]
    document = {"structure": {"keyfamilies": {"keyfamily": [{"agencyid": "NOMIS", "components": {"dimension": dimensions}, "id": data_set}]}}}
    return Entry(nomis.HOST, urlsplit(nomis.definition_url(data_set)).path, _json(document))


def answers(
    resources: Iterable[Resource],
    periods: Mapping[str, str],
    names: Mapping[str, Mapping[str, str]],
    observe: Callable[[Area, str, Mapping[str, str], str], Observation],
) -> Iterator[Entry]:
    """The answers to a dataset's questions.

    Args:
        resources: as the dataset makes them; one page each.
        periods: DATE_CODE -> DATE_NAME of every period the questions mean.
        names: dimension -> code -> its name.
        observe: (area, date code, dimension -> code, measure) -> what Nomis says of it.
    """
    for resource in resources:
        parts = urlsplit(resource.url)
        query = {name: value for name, value in parse_qsl(parts.query) if name != "select"}
        body = _answer(resource.labels, periods, names, observe).encode()
        yield Entry(nomis.HOST, parts.path, body, query=query, headers={"Content-Type": "text/csv"})


def _answer(
    labels: Mapping[str, str],
    periods: Mapping[str, str],
    names: Mapping[str, Mapping[str, str]],
    observe: Callable[[Area, str, Mapping[str, str], str], Observation],
) -> str:
    asked, dimensions, named, measures, more = (json.loads(labels[name]) for name in ("areas", "codes", "names", "measures", "more"))
    question = nomis.Question("", asked, dimensions, (), len(periods), named, measures, more)
    known = {(area.code, area.boundary_version): area for area in AREAS.areas}
    lines = [",".join(f'"{column}"' for column in question.columns)]
    for (date, date_name), (key, place) in itertools.product(periods.items(), asked.items()):
        area = known[tuple(place)]
        made = is_made(area)
        for combination in itertools.product(*dimensions.values()):
            chosen = dict(zip(dimensions, combination, strict=True))
            for measure in measures:
                value, status, said = observe(area, date, chosen, measure)
                texts = [date, date_name, key if made else area.name, "" if made else area.code, *([_kind(area)] if "GEOGRAPHY_TYPE" in more else [])]
                for dimension, code in chosen.items():
                    texts += [code, names[dimension][code]] if dimension in named else [code]
                quoted = ",".join(f'"{text}"' for text in (*texts, measure))
                lines.append(f'{quoted},{value},"{status}","{said}","F",{len(lines) - 1},{question.rows}')
    return "\n".join(lines) + "\n"


def is_made(area: Area) -> bool:
    """Whether Nomis is asked for the area as a sum of districts (a district is made of itself)."""
    return area in AREAS.made_of_districts()


def members(area: Area) -> Sequence[str]:
    """The places an area's number is made of."""
    return area.districts or (area.code,)


def _kind(area: Area) -> str:
    if is_made(area):
        return "User Defined Geography"
    return {"region": "regions", "country": "countries"}.get(area.area_type, "local authorities: district / unitary (as of April 2023)")


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
