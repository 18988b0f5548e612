"""What the tables read from Nomis share: the columns around a dataset's own, and the way from a question to its rows.

Belongs here: what would otherwise be the same in every Nomis dataset. Does not belong here: a dataset's questions, or how
Nomis answers (publishers.nomis).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis
from observatory_assets.publishers.tabular import without_release

if TYPE_CHECKING:
    import pyarrow as pa

MONTH, YEAR = r"\d{4}-\d{2}", r"\d{4}"


def columns(date: str, date_pattern: str, own: Sequence[Column], value: str, statuses: str, of_area: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Columns of a Nomis table.

    Args:
        date: meaning of ``date_code``.
        date_pattern: its form, MONTH or YEAR.
        own: the dataset's own columns.
        value: meaning and unit of ``value``.
        statuses: which statuses occur and what they mean here.
        of_area: further columns about the area.
    """
    return (
        Column("date_code", "string", date, nullable=False, pattern=date_pattern),
        Column("date_name", "string", "The period in Nomis' words.", nullable=False),
        Column("geography_code", "string", "Code Nomis gave; NULL for user-defined areas."),
        Column("geography_name", "string", "Name Nomis gave; for user-defined areas the name sent.", nullable=False),
        *of_area,
        Column("asked_area", "string", "Area code asked for, also where Nomis gave none.", nullable=False),
        Column("asked_boundary_version", "string", "Boundary version of the asked area.", nullable=False),
        *own,
        Column("value", "float", f"{value}; NULL unless the status carries a value.", minimum=0),
        Column("status", "string", statuses, nullable=False, allowed=STATUSES),
        Column("obs_status", "string", "Nomis status letter."),
        Column("obs_status_name", "string", "Nomis status in words, from which `status` is read."),
        Column("record_offset", "integer", "Position in the answer.", nullable=False, minimum=0),
    )


def marker(lookup: Lookup, *data_sets: str) -> Marker:
    """When any of the data sets was last updated or revised, from their overviews."""
    return Marker(*nomis.joint_release([lookup.http.get_json(nomis.overview_url(data_set)) for data_set in data_sets]))


def code_names(lookup: Lookup, data_set: str, concept: str) -> dict[str, str]:
    """Code -> name of one dimension, asked afresh."""
    return nomis.codes(lookup.http.get_json(nomis.code_list_url(data_set, concept)))


def resources(question: nomis.Question, stem: str, labels: Mapping[str, str] | None = None) -> list[Resource]:
    """One resource per page of a question's answer."""
    return [Resource(*page) for page in nomis.pages(question, stem, labels)]


def parse(
    payloads: Iterable[Payload], tables: Mapping[str, Table] | Table, own: Callable[[Mapping[str, Any], Mapping[str, str]], Mapping[str, object]]
) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Args:
        payloads: pages of every question.
        tables: the table, or the table of each value of the label ``table``.
        own: the dataset's own columns of a row, from the row and its page's labels.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, codes, measures, periods or names of codes other than those asked.
    """
    import pyarrow as pa

    groups: dict[str, list[Payload]] = {}
    for payload in payloads:
        groups.setdefault(payload.labels["group"], []).append(payload)
    for pages in groups.values():
        labels = pages[0].labels
        table = tables if isinstance(tables, Table) else tables[labels["table"]]
        rows = nomis.answer([(page.name, page.path) for page in pages], labels)
        yield table.name, pa.Table.from_pylist([_common(row) | own(row, labels) for row in rows], without_release(table.arrow_schema()))


def _common(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "date_code": row["DATE_CODE"],
        "date_name": row["DATE_NAME"],
        "geography_code": row["GEOGRAPHY_CODE"] or None,
        "geography_name": row["GEOGRAPHY_NAME"].strip(),
        "asked_area": row["asked_area"],
        "asked_boundary_version": row["asked_boundary_version"],
        "value": row["value"],
        "status": row["status"],
        "obs_status": row["OBS_STATUS"] or None,
        "obs_status_name": row["OBS_STATUS_NAME"] or None,
        "record_offset": int(float(row["RECORD_OFFSET"])),
        "_source_file": row["_source_file"],
        "_source_row": row["_source_row"],
    }
