"""The yardstick: one plain script that builds the refresh's marts with requests, the same parsers, the SQL dbt compiled, and DuckDB.

Belongs here: fetch, parse, load, run the statements of a plan in order. Does not belong here: Dagster, dbt, Great Expectations, an archive, a lake,
locks, lineage of runs, publication – everything whose cost the benchmark wants to know. Run: ``python -m tests.bench.plain_script PLAN ADDRESS FOLDER``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observatory_assets.areas import Areas
from observatory_assets.datasets import all_datasets
from observatory_assets.datasets.contract import Dataset, Lookup, Payload
from observatory_assets.derivations import Derivation, derivations
from resources.archive import Archive, Stored, utc_stamp
from resources.errors import PermanentFetchError
from resources.observatory import Observatory
from resources.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Http:
    """What a dataset asks of its client, by requests alone; publishers' addresses are asked of the loopback publisher."""

    def __init__(self, address: str) -> None:
        import requests

        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, method: str, url: str, posted: str | None = None) -> Any:
        """The response to ``url``; raises PermanentFetchError unless it is a success."""
        parts = urlsplit(url)
        address = f"{self.address}/{parts.netloc}{parts.path}{'?' + parts.query if parts.query else ''}"
        headers = {"Content-Type": "application/json"} if posted else None
        response = self.session.request(method, address, data=posted, headers=headers, timeout=60)
        if response.status_code != 200:  # some datasets learn from a refusal what a publisher allows
            refusal = PermanentFetchError(f"{url} answered {response.status_code}")
            refusal.http_status, refusal.body = response.status_code, response.text
            raise refusal
        return response

    def get_json(self, url: str) -> Any:
        """The JSON document at ``url``."""
        return json.loads(self.ask("GET", url).content.decode("utf-8-sig"))

    def post_json(self, url: str, document: Any) -> Any:
        """The JSON answer to a JSON question."""
        return json.loads(self.ask("POST", url, json.dumps(document)).content.decode("utf-8-sig"))

    def head(self, url: str) -> dict[str, str]:
        """Response headers, names in lower case."""
        return {name.lower(): value for name, value in self.ask("HEAD", url).headers.items()}


def run(plan: dict[str, Any], address: str, folder: Path) -> Path:
    """Build the marts.

    Args:
        plan: of tests.bench.plan.make_plan.
        address: of the publisher, e.g. http://127.0.0.1:8801.
        folder: empty or absent; payloads, vectors and the database are written there.

    Returns:
        The DuckDB file. Raises AssertionError naming a data test that finds rows.
    """
    import duckdb

    settings = plan["settings"]
    observatory = Observatory(Settings(home=folder, simulation_draws=settings["draws"], simulation_seed=settings["seed"]))
    derived = {derivation.name: derivation for derivation in derivations(observatory)}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "observatory.duckdb"  # dbt compiled the file's stem into every name
    with duckdb.connect(str(file), config={"memory_limit": settings["memory_limit"], "threads": settings["threads"]}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for schema in ("raw", "derived", "seeds", "staging", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        datasets, http, areas = all_datasets(), Http(address), Areas.from_seeds(Path(settings["seeds"]))
        releases = []
        for dataset in datasets:
            lookup = Lookup(http, areas, settings["options"], Path(settings["inbox"]) / dataset.slug)
            known_from = dt.datetime.fromisoformat(plan["known_from"][dataset.slug])
            releases.append(_load(connection, dataset, lookup, Archive(folder), known_from, settings["is_sample"]))
        _register(connection, datasets, releases)
        # What the refresh's own audits and looks came to, which a script without them cannot know.
        for path in sorted(Path(plan["operations"]).glob("*.parquet")):
            connection.execute(f"create table raw.{path.stem} as select * from read_parquet('{path}')")
        connection.execute("create table raw.mart_input (mart varchar, dataset varchar)")
        connection.executemany("insert into raw.mart_input values (?, ?)", plan["inputs"])
        for step in plan["steps"]:
            if step["do"] == "derive":
                _derive(connection, derived[step["name"]], observatory)
            elif step["do"] == "create":
                connection.execute(step["sql"])
            else:
                broken = connection.execute(step["sql"]).fetchone()[0]
                assert not broken, f"{step['name']}: {broken} rows"
    return file


def _load(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, lookup: Lookup, archive: Archive, known_from: dt.datetime, is_sample: bool
) -> dict[str, Any]:
    import pyarrow as pa

    marker = dataset.find_marker(lookup)
    detected = now = dt.datetime.now(dt.timezone.utc)
    stored, payloads = [], []
    for resource in dataset.find_resources(lookup, marker):
        body = resource.file.read_bytes() if resource.file else lookup.http.ask("POST" if resource.posted else "GET", resource.url, resource.posted).content
        now = dt.datetime.now(dt.timezone.utc)
        sha256 = hashlib.sha256(body).hexdigest()
        path = archive.object_path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        stored.append(Stored(resource.name, resource.url, sha256, len(body), 200, {}, now.isoformat()))
        payloads.append(Payload(resource.name, resource.url, path, sha256, len(body), now, resource.labels))
    # The same release id, so that the marts can be compared to the last row.
    fingerprint = archive.fingerprint(stored)
    release = f"{utc_stamp(known_from)}-{fingerprint[:8]}"
    batches: dict[str, list[pa.Table]] = {}
    for name, batch in dataset.parse(payloads):
        batches.setdefault(name, []).append(batch)
    rows = 0
    for table in dataset.tables:
        schema, joined = table.arrow_schema(), pa.concat_tables(batches[table.name])
        joined = joined.append_column("_release_id", pa.array([release] * joined.num_rows, pa.string()))
        connection.register("parsed", joined.select(schema.names).cast(schema))
        connection.execute(
            f"create table raw.{table.name} as select *, $1::timestamptz as _known_from, null::timestamptz as _known_to, $2::boolean as _is_sample from parsed",
            [known_from, is_sample],
        )
        connection.unregister("parsed")
        rows += joined.num_rows
    return {
        "dataset": dataset.slug,
        "release_id": release,
        "marker": marker.value,
        "known_from": known_from,
        "known_to": None,
        "known_from_basis": "publisher" if marker.released_at else "retrieval",
        "released_at": marker.released_at,
        "detected_at": detected,
        "retrieved_at": now,
        "materialised_at": dt.datetime.now(dt.timezone.utc),
        "published_at": None,
        "url": stored[0].url if len(stored) == 1 else dataset.landing_page,
        "sha256": fingerprint,
        "bytes": sum(one.size for one in stored),
        "rows": rows,
        "previous_release_id": None,
        "is_sample": is_sample,
    }


def _register(connection: duckdb.DuckDBPyConnection, datasets: tuple[Dataset, ...], releases: list[dict[str, Any]]) -> None:
    types = {"bytes": "bigint", "rows": "bigint", "is_sample": "boolean", "known_from": "timestamptz", "known_to": "timestamptz"}
    columns = ", ".join(f"{name} {types.get(name, 'timestamptz' if name.endswith('_at') else 'varchar')}" for name in releases[0])
    connection.execute(f"create table raw.release ({columns})")
    connection.executemany(f"insert into raw.release values ({', '.join('?' * len(releases[0]))})", [list(release.values()) for release in releases])
    connection.execute(
        "create table raw.dataset (slug varchar, title varchar, publisher varchar, landing_page varchar, licence varchar, attribution varchar,"
        " cadence_days double, description varchar)"
    )
    connection.executemany(
        "insert into raw.dataset values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(d.slug, d.title, d.publisher, d.landing_page, d.licence, d.attribution, d.cadence.total_seconds() / 86400, d.description) for d in datasets],
    )


def _derive(connection: duckdb.DuckDBPyConnection, derivation: Derivation, observatory: Observatory) -> None:
    inputs = {name: connection.execute(f"select * from intermediate.{name}").to_arrow_table() for name in derivation.reads}
    for name, table in derivation.compute(observatory, inputs).items():
        connection.register("derived_rows", table)
        connection.execute(f"create table derived.{name} as select * from derived_rows")
        connection.unregister("derived_rows")


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_bytes()), sys.argv[2], Path(sys.argv[3]))
