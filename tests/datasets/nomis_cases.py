"""Every way Nomis is known to answer wrongly, to try on each dataset read from it, and labels of a recorded answer."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from hypothesis import strategies as st

from observatory_assets.publishers import nomis
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import payload, read

WRONG = [
    (lambda body: b"", UnexpectedPayload, "empty"),
    (lambda body: b"<!DOCTYPE html><html><body>Nomis API</body></html>", UnexpectedPayload, "web page"),
    (lambda body: b"Error: Unable to contact data engine", UnexpectedPayload, "error text"),
    (lambda body: b'{ "error" : "Unable to contact data engine" }', UnexpectedPayload, "error text"),
    (lambda body: body.split(b"\n")[0] + b"\n", UnexpectedPayload, "add up"),
    (lambda body: b"\n".join(body.split(b"\n")[:20]), UnexpectedPayload, "add up"),
    (lambda body: body + body.split(b"\n")[5] + b"\n", UnexpectedPayload, "add up"),
    (lambda body: body.replace(b'"OBS_VALUE"', b'"OBSERVATION"'), SchemaDrift, "OBS_VALUE"),
    (lambda body: body.replace(b'"E07000133"', b'"E07000999"').replace(b'"Melton"', b'"Elsewhere"'), SchemaDrift, "codes returned"),
    (lambda body: re.sub(rb'"\d{5}",(?=[\d,.])', b'"20999",', body), SchemaDrift, "codes returned"),
    (lambda body: re.sub(rb'(?m)^"\d{4}', b'"2001', body), SchemaDrift, "periods"),
]
"""(change of a body about districts, error, what it says)."""


def own_labels(path: Path) -> dict[str, str]:
    """Labels under which a recorded answer is the whole answer, taken from its own rows."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    fixed = {"DATE", "GEOGRAPHY", "MEASURES"}
    dimensions = [name[: -len("_NAME")] for name in rows[0] if name.endswith("_NAME") and not name.startswith("OBS_") and name[: -len("_NAME")] not in fixed]
    seen = {dimension: list(dict.fromkeys(row[dimension] for row in rows)) for dimension in (*dimensions, "MEASURES", "DATE_CODE", "GEOGRAPHY_CODE")}
    return {
        "group": path.stem,
        "areas": json.dumps({code: [code, "LAD23"] for code in seen["GEOGRAPHY_CODE"]}),
        "codes": json.dumps({dimension.lower(): seen[dimension] for dimension in dimensions}),
        "names": json.dumps({dimension.lower(): {} for dimension in dimensions}),
        "measures": json.dumps(seen["MEASURES"]),
        "more": "[]",
        "periods": str(len(seen["DATE_CODE"])),
    }


def part_of(path: Path, **kept: tuple[str, ...]) -> tuple[bytes, dict[str, str]]:
    """A recorded answer without the rows of codes a dataset does not ask, numbered anew, with its labels."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if all(row[name] in codes for name, codes in kept.items())]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, reader.fieldnames, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    for offset, row in enumerate(rows):
        writer.writerow(row | {"RECORD_OFFSET": offset, "RECORD_COUNT": len(rows)})
    labels = own_labels(path)
    codes = json.loads(labels["codes"])
    return text.getvalue().encode(), asked(labels, codes=codes | {name.lower(): list(values) for name, values in kept.items()})


def asked(labels: dict[str, str], **changes: object) -> dict[str, str]:
    """Labels with other members, written as JSON."""
    return labels | {name: value if isinstance(value, str) else json.dumps(value) for name, value in changes.items()}


def survives_damage(dataset, body: bytes, labels: dict[str, str], folder: Path, data: st.DataObject) -> None:
    """Assert that a body damaged at random gives a whole table or a named error."""
    damaged = bytearray(body[:20_000] if data.draw(st.booleans()) else body)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        (table,) = read(dataset, [payload(folder / "damaged.csv", bytes(damaged), **labels)]).values()
    except ObservatoryError:
        return
    assert table.num_rows == len(body.split(b"\n")) - 2
    assert all(value is None or abs(value) < float("inf") for value in table["value"].to_pylist())


def repeat_total(body: bytes, labels: dict[str, str], dimension: str, total: str) -> bytes:
    """What Nomis sends for unknown codes of a dimension: as many rows, all of the total."""
    codes = json.loads(labels["codes"])[dimension]
    return re.sub("|".join(f'"{code}"' for code in codes).encode(), f'"{total}"'.encode(), body)


def stay_under_the_limits(resources) -> None:
    """Assert that each question is one request whose address servers take, with only spaces encoded."""
    for resource in resources:
        assert not re.search(r"%(?!20)|\s", resource.url), resource.url
        assert len(resource.url) < 3_000, resource.url
        assert resource.name.endswith("_1.csv") and resource.starts_with, resource.name
        labels = resource.labels
        sizes = [len(json.loads(labels["areas"])), len(json.loads(labels["measures"])), int(labels["periods"]), *map(len, json.loads(labels["codes"]).values())]
        cells = 1
        for size in sizes:
            cells *= size
        assert cells <= nomis.GUEST_CELLS
