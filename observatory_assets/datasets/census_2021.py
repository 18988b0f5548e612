"""Census 2021 from Nomis: residents by highest qualification (TS067) and by occupation (TS063).

Belongs here: which tables and areas are asked, and how rows become ``nomis__census_2021``.
Does not belong here: how Nomis answers in general (publishers.nomis) or any sum over areas.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

DATA_SETS = {"qualification": "NM_2084_1", "occupation": "NM_2080_1"}
_CATEGORIES = {"qualification": 7, "occupation": 9}
"""Categories beside the total."""

_NUMBERED = re.compile(r"(?:(?P<major>[1-9])[.:]? +)?(?P<title>.+)")

CENSUS = Table(
    name="nomis__census_2021",
    description="One row per topic, asked area, boundary version and category, totals included: usual residents on 21 March 2021.",
    columns=nomis_tables.columns(
        date="Year of the census.",
        date_pattern=nomis_tables.YEAR,
        own=(
            Column(
                "topic",
                "string",
                "qualification: aged 16 and over; occupation: aged 16 and over in employment the week before.",
                nullable=False,
                allowed=tuple(DATA_SETS),
            ),
            Column("category", "string", "Total; SOC 2020 major group; for qualifications Nomis' name of the category.", nullable=False),
            Column("category_label", "string", "Nomis' name of the category, without the number of a major group.", nullable=False),
        ),
        value="People, slightly perturbed against disclosure",
        statuses="ok, x (missing), c (confidential), nonfinite.",
    ),
    keys=("topic", "asked_area", "asked_boundary_version", "date_code", "category"),
    complete_by=("asked_area", "topic", "category"),
    total_column="value",
    period_column="date_code",
)


def find_categories(topic: str, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Nomis code -> (category, label) of a topic, from the names of its dimension's codes.

    Raises:
        SchemaDrift: not one total and the number of categories known, or majors other than 1 to 9.
    """
    found = {}
    for code, name in names.items():
        plain = " ".join(name.split())
        if plain.casefold().startswith("total"):
            found[code] = ("Total", plain)
        elif topic == "occupation" and (match := _NUMBERED.fullmatch(plain)):
            # Names begin with the major group's number, which is also the code.
            found[code] = (match["major"] or code, match["title"])
        else:
            found[code] = (plain, plain)
    categories = [category for category, _ in found.values() if category != "Total"]
    sound = len(found) == len(categories) + 1 == _CATEGORIES[topic] + 1 and len(set(categories)) == len(categories)
    if not sound or (topic == "occupation" and "".join(sorted(categories)) != "123456789"):
        raise SchemaDrift(
            f"the categories of {topic} are not those known",
            rule="codes_by_name",
            expected=f"one Total and {_CATEGORIES[topic]} categories",
            found=dict(names),
            action="read the names in Nomis and correct what is expected",
        )
    return found


def build_resources(areas: Areas, dimensions: Mapping[str, str], categories: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[Resource]:
    """One question per topic and kind of area.

    Args:
        areas: every area asked.
        dimensions: topic -> the dimension of its table.
        categories: topic -> its codes, as ``find_categories`` gives them.
    """
    return [
        resource
        for topic, data_set in DATA_SETS.items()
        for group, asked in nomis.geographies(areas).items()
        for resource in nomis_tables.resources(
            nomis.Question(data_set, asked, {dimensions[topic]: tuple(categories[topic])}, ("latest",), 1),
            f"census_{topic}_{group}",
            {"topic": topic, "categories": json.dumps(categories[topic])},
        )
    ]


def find_marker(lookup: Lookup) -> Marker:
    """When either table was last updated or revised, from their overviews; a census is corrected at most."""
    return nomis_tables.marker(lookup, *DATA_SETS.values())


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per topic and kind of area, for the dimension the table's structure names and the codes found by name."""
    dimensions = {topic: nomis.own_dimension(lookup.http.get_json(nomis.definition_url(data_set))) for topic, data_set in DATA_SETS.items()}
    categories = {topic: find_categories(topic, nomis_tables.code_names(lookup, data_set, dimensions[topic])) for topic, data_set in DATA_SETS.items()}
    return build_resources(lookup.areas, dimensions, categories)


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, categories or dates other than those asked.
    """
    return nomis_tables.parse(payloads, CENSUS, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    (dimension,) = json.loads(labels["codes"])
    category, label = json.loads(labels["categories"])[row[dimension.upper()]]
    return {"topic": labels["topic"], "category": category, "category_label": label}


DATASET = Dataset(
    slug="census_2021",
    title="Census 2021: qualifications and occupations",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/sources/census_2021",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Census 2021 via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Usual residents aged 16 and over by highest qualification, and those in employment the week before by SOC 2020 major group, on 21 March 2021. "
        "Every count has small changes against disclosure, so parts may not add up to totals by a few. The census was taken in a lockdown: work and "
        "furlough of that spring are in it. Qualifications are those people stated, of everyone from 16 with no upper age, unlike the survey's."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=3652),
    publication_delay=dt.timedelta(days=730),
    tables=(CENSUS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Rows of another Census table (TS066) and the structure document of TS001 read in recorded answers; table numbers in a published list. The tables' "
        "own dimensions and codes are looked up at each release, so none is written down."
    ),
)
