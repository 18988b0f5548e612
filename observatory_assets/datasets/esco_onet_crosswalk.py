"""ESCO occupations onto O*NET occupations, as Nesta matched them in 2020.

Belongs here: the crosswalk's file and the vintages it stands on. Does not belong here: any later version of either
classification; joining one needs its own link from the codes of 2010 and the identifiers of ESCO v1.0.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import drop_folder
from observatory_assets.publishers.tabular import numbers, read_csv_as_text, without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

FILE = re.compile(r"esco_onet_crosswalk_(?P<month>[A-Z][a-z]{2})(?P<year>\d{4})\.csv")
ESCO_VERSION, ONET_SOC_VERSION = "1.0", "2010"
"""The vintages the file of November 2020 was made from; it does not state them itself."""

_COLUMNS = ("id", "esco_occupation", "isco_code", "onet_code", "onet_occupation", "matching_job_titles", "semantic_similarity", "confidence", "concept_uri")

_LINKS = Table(
    name="nesta__esco_onet_crosswalk",
    description="One row per ESCO occupation of v1.0 with its best O*NET occupation.",
    columns=(
        Column("esco_uri", "string", "ESCO occupation.", False, pattern=r"http://data\.europa\.eu/esco/occupation/\S+"),
        Column("esco_label", "string", "Its preferred label.", False),
        Column("isco_group", "string", "Its ISCO-08 unit group.", False, pattern=r"\d{4}"),
        Column("onet_soc_code", "string", "O*NET-SOC 2010 code.", False, pattern=r"\d{2}-\d{4}\.\d{2}"),
        Column("onet_label", "string", "Its title, in lower case.", False),
        Column("job_titles", "string", "Job titles the two share, joined by ' | '; NULL where there are none ('na')."),
        Column("similarity", "float", "Semantic similarity of the descriptions, as published.", minimum=-1, maximum=1.0001),
        Column("similarity_status", "string", "ok; x where the cell is empty.", False, allowed=("ok", "x")),
        Column("confidence", "float", "Nesta's confidence: 2 high, 1 or 0.5.", minimum=0),
        Column("confidence_status", "string", "ok; x where the cell is empty.", False, allowed=("ok", "x")),
        Column("esco_version", "string", "Version of ESCO the identifiers belong to.", False, allowed=(ESCO_VERSION,)),
        Column("onet_soc_version", "string", "Edition of O*NET-SOC the codes belong to.", False, allowed=(ONET_SOC_VERSION,)),
        Column("year", "integer", "Year the crosswalk was made.", False),
        Column("nesta_id", "string", "Nesta's number of the occupation.", False),
    ),
    keys=("esco_uri", "onet_soc_code"),
    minimum_rows=10,  # 1,680 in the file of November 2020
    total_column="similarity",
)


def find_marker(lookup: Lookup) -> Marker:
    """Name and checksum of the file in the drop folder; published in the month its name says, taken as its first day."""
    path = drop_folder.newest(lookup.inbox, FILE)
    return Marker(drop_folder.marker([path]), released_at=_month(path.name))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The file in the drop folder."""
    path = drop_folder.newest(lookup.inbox, FILE)
    return [Resource(path.name, f"dropped:esco_onet_crosswalk/{path.name}", file=path)]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The links.

    Raises:
        SchemaDrift: a column is missing, a number is none, or the list of job titles cannot be read.
        UnexpectedPayload: no CSV.
    """
    import pyarrow as pa

    for payload in payloads:
        year = _month(payload.name).year
        for batch in read_csv_as_text(lambda path=payload.path: path.open("rb"), _COLUMNS, payload.name):
            similarity, similarity_status = numbers(batch.column("semantic_similarity"), {"": "x"})
            confidence, confidence_status = numbers(batch.column("confidence"), {"": "x"})
            rows = batch.num_rows
            columns = {
                "esco_uri": batch.column("concept_uri"),
                "esco_label": batch.column("esco_occupation"),
                "isco_group": batch.column("isco_code"),
                "onet_soc_code": batch.column("onet_code"),
                "onet_label": batch.column("onet_occupation"),
                "job_titles": [_titles(cell) for cell in batch.column("matching_job_titles").to_pylist()],
                "similarity": similarity,
                "similarity_status": similarity_status,
                "confidence": confidence,
                "confidence_status": confidence_status,
                "esco_version": [ESCO_VERSION] * rows,
                "onet_soc_version": [ONET_SOC_VERSION] * rows,
                "year": [year] * rows,
                "nesta_id": batch.column("id"),
                "_source_file": [payload.name] * rows,
                "_source_row": batch.column("_source_row"),
            }
            yield _LINKS.name, pa.table(columns, schema=without_release(_LINKS.arrow_schema()))


def _month(name: str) -> dt.datetime:
    """The first of the month in the file's name, Nov2020."""
    try:
        return dt.datetime.strptime("1 {month} {year}".format(**FILE.fullmatch(name).groupdict()), "%d %b %Y").replace(tzinfo=dt.timezone.utc)
    except (AttributeError, ValueError) as error:
        raise SchemaDrift(
            "the crosswalk's name has no month",
            rule="file_name",
            expected="esco_onet_crosswalk_Nov2020.csv",
            found=name,
            action="give the file back the name it has in Nesta's repository",
        ) from error


def _titles(cell: str) -> str | None:
    """A Python list written as text as one text; None for `na`, and for the one row of the real file that repeats its ISCO code here."""
    if cell.strip() in ("", "na") or cell.strip().isdecimal():
        return None
    try:
        titles = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        titles = None
    if not isinstance(titles, list) or not all(isinstance(title, str) for title in titles):
        raise SchemaDrift(
            "a list of job titles cannot be read", rule="job_titles", expected="['mayor'] or na", found=cell, action="compare the file with Nesta's repository"
        )
    return " | ".join(titles) or None


DATASET = Dataset(
    slug="esco_onet_crosswalk",
    title="ESCO to O*NET crosswalk (November 2020)",
    publisher="Nesta",
    landing_page="https://github.com/nestauk/mapping-career-causeways",
    licence="MIT",
    attribution="ESCO–O*NET crosswalk by Nesta, Mapping Career Causeways (2020), MIT License.",
    description=(
        "Which O*NET occupation lies nearest to each of 1,680 ESCO occupations, with the similarity of their descriptions and a confidence. It stands on "
        "ESCO v1.0 and O*NET-SOC 2010: later versions of either have other identifiers and codes, so it must not be joined to them unseen. Place "
        "`esco_onet_crosswalk_Nov2020.csv` from Nesta's repository in the drop folder. It is finished and will not be updated."
    ),
    hosts=(),
    cadence=dt.timedelta(days=3652),
    publication_delay=dt.timedelta(days=365),
    tables=(_LINKS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="The file of November 2020 read whole. Its vintages: from Nesta's description, not in the file. Its path in the repository was not confirmed.",
    drop_folder=True,
)
