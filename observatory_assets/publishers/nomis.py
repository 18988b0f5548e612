"""Nomis (ONS labour market statistics): addresses, code lists and observation rows of its API v01.

Belongs here: what is true of every Nomis data set. Does not belong here: which data set, codes or areas to ask for.
Errors arrive as HTTP 200 more often than not: a help page for a wrong address, no bytes at all for a dimension the data
set lacks, and the Total repeated for unknown codes. So a body is believed only when its codes are the codes asked.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from observatory_assets.areas import Areas
from observatory_assets.publishers.tabular import LONDON, instant, number, read_csv_as_text
from resources.errors import SchemaDrift, UnexpectedPayload

HOST = "www.nomisweb.co.uk"
API = f"https://{HOST}/api/v01/dataset"
GUEST_CELLS = 25_000
"""Cells an answer holds at most without a key; a longer one is cut short with HTTP 200."""

VALUE, CONFIDENCE = "20100", "20701"
MEASURES = {VALUE: "value", CONFIDENCE: "confidence"}

_BEFORE = ("DATE_CODE", "DATE_NAME", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE")
_AFTER = ("MEASURES", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS_NAME", "OBS_CONF", "RECORD_OFFSET", "RECORD_COUNT")


class Release(NamedTuple):
    """What an overview says of a dataset's release."""

    marker: str
    released_at: dt.datetime | None
    next_expected: dt.datetime | None


class Asked(NamedTuple):
    """An area of a question: ``geography`` as the address spells it, and the area it stands for."""

    geography: str
    area_code: str
    boundary_version: str


class Page(NamedTuple):
    """One request of a question; ``labels`` are what ``answer`` needs to know of it."""

    name: str
    url: str
    starts_with: tuple[bytes, ...]
    labels: Mapping[str, str]


class Industries(NamedTuple):
    """Codes of an industry dimension: the total's, and code -> (SIC 2007 letter or division, title)."""

    total: str
    sections: dict[str, tuple[str, str]]
    divisions: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Question:
    """Every combination of areas, dates, codes and measures of one data set, each once.

    Args:
        dataset: id of the data set, NM_162_1.
        areas: what a row of the answer is told apart by (GSS code, or name of a user-defined area) -> the area asked.
        codes: dimension -> codes asked of it.
        dates: as the address spells them.
        periods: how many periods ``dates`` mean.
        names: dimensions whose names are wanted too -> code -> how its name must begin. A code number that is written down
            rather than looked up is held to its name so, because Nomis may number anew.
        measures: kinds of number asked.
        more: further columns wanted.
    """

    dataset: str
    areas: Mapping[str, Asked]
    codes: Mapping[str, Collection[str]]
    dates: Sequence[str]
    periods: int
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    measures: Collection[str] = (VALUE,)
    more: Sequence[str] = ()

    @property
    def rows(self) -> int:
        """Rows of the whole answer."""
        count = len(self.areas) * self.periods * len(self.measures)
        for codes in self.codes.values():
            count *= len(codes)
        return count

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns asked: only these, which is about a fifth of the whole row."""
        dimensions = [(name, f"{name}_NAME") if dimension in self.names else (name,) for dimension in self.codes for name in (dimension.upper(),)]
        return (*_BEFORE, *self.more, *itertools.chain.from_iterable(dimensions), *_AFTER)


def overview_url(dataset: str) -> str:
    """Address of a dataset's overview, with the parts that date its release."""
    return f"{API}/{dataset}.overview.json?select=DatasetInfo,DateMetadata"


def release(overview: Any) -> Release:
    """When a data set last changed, from its overview document (times are UK local without a zone).

    Raises:
        SchemaDrift: the document has no ``overview.lastupdated``.
    """
    dates = overview.get("overview") if isinstance(overview, dict) else None
    if not isinstance(dates, dict) or not dates.get("lastupdated"):
        raise SchemaDrift("the overview states no last update", rule="overview", expected="overview.lastupdated", found=overview, action=_LOOK)
    updated, revised = str(dates["lastupdated"]), str(dates.get("lastrevised") or "")
    instants = [when for when in (instant(updated, LONDON), instant(revised, LONDON)) if when]
    return Release(f"{updated}|{revised}", max(instants, default=None), instant(dates.get("nextupdate"), LONDON))


def joint_release(overviews: Sequence[Any]) -> Release:
    """The release of a dataset that stands on several data sets: it changes with any of them and is as new as the newest."""
    releases = [release(overview) for overview in overviews]
    return Release(
        " & ".join(one.marker for one in releases),
        max((one.released_at for one in releases if one.released_at), default=None),
        min((one.next_expected for one in releases if one.next_expected), default=None),
    )


def definition_url(dataset: str) -> str:
    """Address of a data set's structure."""
    return f"{API}/{dataset}/def.sdmx.json"


def own_dimension(definition: Any) -> str:
    """The one dimension of a Census table that is neither place, measure nor frequency, in lower case.

    Raises:
        SchemaDrift: not that shape, or not exactly one.
    """
    try:
        dimensions = _listed(_listed(definition["structure"]["keyfamilies"]["keyfamily"])[0]["components"]["dimension"])
        found = [str(dimension["conceptref"]) for dimension in dimensions]
    except (KeyError, IndexError, TypeError) as error:
        raise SchemaDrift(
            "a data set's structure has an unknown shape",
            rule="definition",
            expected="structure.keyfamilies.keyfamily[0].components.dimension[{conceptref}]",
            found=definition,
            action=_LOOK,
        ) from error
    own = [name for name in found if name.upper() not in ("GEOGRAPHY", "MEASURES", "FREQ", "TIME")]
    if len(own) != 1:
        raise SchemaDrift("not one dimension of its own", rule="definition", expected="one beside geography, measures and freq", found=found, action=_LOOK)
    return own[0].lower()


def code_list_url(dataset: str, concept: str) -> str:
    """Address of the codes of one dimension (``time`` for the periods)."""
    return f"{API}/{dataset}/{concept}.def.sdmx.json"


def codes(code_list: Any) -> dict[str, str]:
    """Code -> name of a code list document; a list of one arrives as an object.

    Raises:
        SchemaDrift: not that shape, or no codes.
    """
    try:
        items = _listed(_listed(code_list["structure"]["codelists"]["codelist"])[0]["code"])
        found = {str(item["value"]): str(item["description"]["value"]).strip() for item in items}
    except (KeyError, IndexError, TypeError) as error:
        raise SchemaDrift(
            "a code list has an unknown shape",
            rule="code_list",
            expected="structure.codelists.codelist[0].code[{description,value}]",
            found=code_list,
            action=_LOOK,
        ) from error
    return found


def cells_named(names: Mapping[str, str], pattern: re.Pattern[str], expected: int, what: str) -> dict[str, str]:
    """Code -> first group of ``pattern`` in its name, for the codes whose whole name matches; ids change when a table is re-issued.

    Raises:
        SchemaDrift: not exactly ``expected`` different ones; the error says which ``what`` it looked for.
    """
    found = {code: match[1] for code, name in names.items() if (match := pattern.fullmatch(name))}
    if len(found) != expected or len(set(found.values())) != expected:
        raise SchemaDrift(
            f"the code list does not have the {what} expected",
            rule="codes_by_name",
            expected=f"{expected} names like {pattern.pattern}",
            found=f"{len(found)} of {len(names):,}: {sorted(found.values())}",
            action="read the names in Nomis and correct the pattern",
        )
    return found


_SECTION = re.compile(r"([A-U]) ?: ?(.+)")
_DIVISION = re.compile(r"([0-9]{2}) ?: ?(.+)")
_BROAD_GROUP = re.compile(r".*\((?:Part )?[A-U](?:(?:,| and|,? )+ ?[A-U])*\)")
"""Broad industrial groups (`10 : Information & communication (J)`) look like divisions (`10 : Manufacture of food products`)."""


def industries(names: Mapping[str, str]) -> Industries:
    """Total, sections and divisions of SIC 2007 in an industry code list, told apart by their names.

    Raises:
        SchemaDrift: no single total, not the sections A to U once each, or a division twice.
    """
    total = [code for code, name in names.items() if name.casefold() == "total"]
    sections, divisions = {}, {}
    for code, name in names.items():
        if match := _SECTION.fullmatch(name):
            sections[code] = (match[1], match[2])
        elif (match := _DIVISION.fullmatch(name)) and not _BROAD_GROUP.fullmatch(name):
            divisions[code] = (match[1], match[2])
    letters, numbers = ([code for code, _ in group.values()] for group in (sections, divisions))
    if len(total) != 1 or "".join(sorted(letters)) != "ABCDEFGHIJKLMNOPQRSTU" or len(set(numbers)) != len(numbers):
        raise SchemaDrift(
            "the industry code list is not the one known",
            rule="codes_by_name",
            expected="one `Total`, sections `A : title` to `U : title`, divisions `01 : title`",
            found=f"{len(total)} totals; sections {sorted(letters)}; divisions {sorted(numbers)}; of {len(names):,} codes",
            action="read the names in Nomis and correct the patterns",
        )
    return Industries(total[0], sections, divisions)


def user_defined(name: str, members: Sequence[str]) -> str:
    """A geography summed from others. Commas and semicolons would split the list, so ``name`` must have none."""
    if not members or any(mark in name for mark in ",;|&#%+"):
        raise ValueError(f"a user-defined area needs members and a name without separators: {name!r}")
    return f"MAKE|{name}|{';'.join(members)}"


def geographies(areas: Areas) -> dict[str, dict[str, Asked]]:
    """The areas to ask, in groups of one kind: made of districts (by name), districts, wider ones (by code); without empty groups."""
    made = {area.make_name: Asked(user_defined(area.make_name, area.districts), area.code, area.boundary_version) for area in areas.made_of_districts()}
    if len(made) != len(areas.made_of_districts()):
        raise ValueError("two areas of the seeds share a make_name, by which their rows are told apart")
    groups = {
        "made": made,
        "districts": {area.code: Asked(area.code, area.code, area.boundary_version) for area in areas.districts()},
        "wider": {area.code: Asked(area.code, area.code, area.boundary_version) for area in areas.wider()},
    }
    return {group: asked for group, asked in groups.items() if asked}


def pages(question: Question, stem: str, labels: Mapping[str, str] | None = None, *, page: int = GUEST_CELLS) -> list[Page]:
    """Requests that together answer a question.

    The query is built by hand: DfE's client sends ``|`` and ``;`` bare, and whether Nomis takes them percent-encoded was never seen.

    Args:
        question: what to ask.
        stem: beginning of the pages' file names, unique in the release.
        labels: what the dataset wants to know of the answer again.
        page: rows per request.
    """
    query = "&".join(
        (
            f"geography={','.join(asked.geography for asked in question.areas.values())}",
            f"date={','.join(question.dates)}",
            *(f"{dimension}={','.join(codes)}" for dimension, codes in question.codes.items()),
            f"measures={','.join(question.measures)}",
            f"select={','.join(question.columns).lower()}",
        )
    ).replace(" ", "%20")
    known = {
        "group": stem,
        "areas": json.dumps({key: [asked.area_code, asked.boundary_version] for key, asked in question.areas.items()}),
        "codes": json.dumps({dimension: list(codes) for dimension, codes in question.codes.items()}),
        "names": json.dumps(question.names),
        "measures": json.dumps(list(question.measures)),
        "more": json.dumps(list(question.more)),
        "periods": str(question.periods),
    }
    return [
        Page(
            f"{stem}_{number}.csv",
            f"{API}/{question.dataset}.data.csv?{query}" + (f"&RecordOffset={offset}" if offset else ""),
            (b'"DATE', b'\xef\xbb\xbf"DATE'),
            known | dict(labels or {}),
        )
        for number, offset in enumerate(range(0, question.rows, page), start=1)
    ]


def answer(files: Sequence[tuple[str, Path]], labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of one question, once they are known to be the whole answer to it.

    Args:
        files: (name, file) of each page.
        labels: of one of its pages.

    Returns:
        The columns asked, as text, by name; ``asked_area`` and ``asked_boundary_version``; ``value`` and ``status``;
        ``_source_file`` and ``_source_row``.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, codes, measures, periods or names of codes other than those asked.
    """
    areas, codes, names, measures, more = (json.loads(labels[name]) for name in ("areas", "codes", "names", "measures", "more"))
    question = Question("", areas, codes, (), int(labels["periods"]), names, measures, more)
    rows = list(read_pages(files, question.columns))
    dates = sorted({row["DATE_CODE"] for row in rows})
    if len(dates) != question.periods:
        raise SchemaDrift("not the number of periods asked", rule="periods_asked", expected=question.periods, found=dates, action="check the dates asked for")
    keys = [row["GEOGRAPHY_CODE"] if row["GEOGRAPHY_CODE"] in areas else row["GEOGRAPHY_NAME"].strip() for row in rows]
    dimensions = [dimension.upper() for dimension in codes]
    check_complete(
        set(itertools.product(areas, dates, *codes.values(), measures)),
        [(key, row["DATE_CODE"], *(row[dimension] for dimension in dimensions), row["MEASURES"]) for key, row in zip(keys, rows, strict=True)],
    )
    _check_names(rows, names)
    for key, row in zip(keys, rows, strict=True):
        value, status = observation(row)
        area, boundary_version = areas[key]
        yield row | {"asked_area": area, "asked_boundary_version": boundary_version, "value": value, "status": status}


def _check_names(rows: Sequence[Mapping[str, str]], names: Mapping[str, Mapping[str, str]]) -> None:
    for dimension, expected in names.items():
        column = dimension.upper()
        for code, name in {(row[column], row[f"{column}_NAME"]) for row in rows}:
            # Names come with doubled and trailing blanks ("Unemployment rate - aged 16-64 ").
            if not " ".join(name.split()).casefold().startswith(expected.get(code, "").casefold()):
                raise SchemaDrift(
                    f"code {code} of {dimension} means something else now",
                    rule="names_asked",
                    expected=expected[code],
                    found=name,
                    action="look the code up in the data set's code list and correct the query",
                )


def read_pages(files: Sequence[tuple[str, Path]], columns: Sequence[str] = (*_BEFORE, *_AFTER)) -> Iterator[dict[str, str]]:
    """Every row of one question's pages as text, with ``_source_file`` and ``_source_row``.

    Args:
        files: (name, file) of each page.
        columns: columns to read.

    Raises:
        UnexpectedPayload: an empty, HTML or error body; pages that together lack or repeat records of RECORD_COUNT.
        SchemaDrift: columns are missing.
    """
    offsets: list[int] = []
    counts: set[int] = set()
    for name, path in files:
        with path.open("rb") as file:
            start = file.read(120)
        if not start:
            raise UnexpectedPayload(
                f"{name} is empty",
                rule="not_empty",
                expected="CSV rows",
                found="0 bytes",
                action="Nomis answers so to a dimension or measure the data set lacks; check the query",
            )
        if start.lstrip().startswith((b"Error", b"{")):
            raise UnexpectedPayload(
                f"{name} is an error text", rule="not_an_error", expected="CSV rows", found=start.decode(errors="replace"), action="ask again later"
            )
        for batch in read_csv_as_text(partial(path.open, "rb"), columns, name):
            for row in batch.to_pylist():
                offsets.append(_whole(row["RECORD_OFFSET"], name))
                counts.add(_whole(row["RECORD_COUNT"], name))
                yield row | {"_source_file": name}
    if len(counts) != 1 or sorted(offsets) != list(range(*counts)):
        raise UnexpectedPayload(
            "the pages do not add up to the whole answer",
            rule="record_count",
            expected=f"each record of {sorted(counts)} once",
            found=f"{len(offsets):,} rows, {len(set(offsets)):,} distinct",
            action="the answer was cut short or repeated; ask again with smaller pages",
        )


def check_complete(asked: Collection[tuple[str, ...]], found: Sequence[tuple[str, ...]]) -> None:
    """Refuse an answer whose codes are not exactly the codes asked, each once.

    Raises:
        SchemaDrift: missing, unasked or repeated combinations (unknown codes come back as a repeated Total).
    """
    missing, unasked = set(asked) - set(found), set(found) - set(asked)
    if missing or unasked or len(found) != len(asked):
        raise SchemaDrift(
            "the codes returned are not the codes asked",
            rule="codes_asked",
            expected=f"{len(asked):,} combinations, each once",
            found=f"{len(found):,} rows; missing {len(missing):,}: {sorted(missing)[:5]}; unasked {len(unasked):,}: {sorted(unasked)[:5]}",
            action="a code was withdrawn or renamed; check the data set's code lists and the area seeds",
        )


def observation(row: Mapping[str, str]) -> tuple[float | None, str]:
    """(value, status) of a row. The meaning is read from OBS_STATUS_NAME, whose texts are known, not from its letters, which are not.

    An unreliable estimate keeps its value (status u); its confidence cell, and any other empty cell, is x.

    Raises:
        SchemaDrift: a value that is no number.
    """
    said = row["OBS_STATUS_NAME"].lower()
    if "disclosive" in said or "suppressed" in said or row["OBS_CONF"] not in ("", "F"):
        return None, "c"
    if "less than 500" in said:
        return None, "low"
    if "missing" in said or row["OBS_STATUS"] == "Q":
        return None, "x"
    value, status = number(row["OBS_VALUE"], {"": "x"})
    return (value, "u") if status == "ok" and "unreliable" in said else (value, status)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(text: str, name: str) -> int:
    # RECORD_COUNT has been seen as 4 and as 4.0 in pages of one answer.
    value, status = number(text, {})
    if status != "ok" or value is None or not value.is_integer() or value < 0:
        raise SchemaDrift(f"{name} numbers its records unreadably", rule="record_count", expected="a whole number", found=text, action=_LOOK)
    return int(value)


_LOOK = "compare the answer with the API's help page and change the client"
