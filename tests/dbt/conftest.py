"""A small warehouse for the dbt project: every raw and derived source as a table, so that SQL is tested without lake, network or model.

Belongs here: invented rows in the shape of the sources, and running dbt on them. Does not belong here: any assertion.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from observatory_assets.datasets.contract import PROVENANCE
from observatory_assets.operations import TABLES as OPERATIONS

if TYPE_CHECKING:
    import duckdb

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
DOMAINS = ("reference", "labour_market", "learning", "indicators", "statements", "ksb", "gap")

LSIP, LEICESTER, ENGLAND = ("E69000020", "LSIP23"), ("E06000016", "LAD23"), ("E92000001", "CTRY23")
LSIP_DISTRICTS = ("E06000016", "E07000129", "E07000130", "E07000131", "E07000132", "E07000133", "E07000134", "E07000135")
SUB_MAJORS = {
    "11": "Corporate managers and directors",
    "21": "Science, research, engineering and technology professionals",
    "82": "Transport & mobile machine drivers",
}
UNIT_GROUPS = {"1121": "Production managers", "1150": "Retail managers", "2122": "Mechanical engineers", "2134": "Programmers", "8211": "HGV drivers"}

TASKS = {
    # unit group: (text, kind the matcher predicts, ksb_id, method)
    "1121": [("leads a team", "skill", "skill.leadership", "rule"), ("keeps to safety law", "knowledge", "knowledge.health_and_safety", "rule")],
    "1150": [
        ("sells goods", "skill", "skill.sales", "exact"),
        ("leads a team", "skill", "skill.leadership", "rule"),
        ("fills shelves", "skill", "skill.specific_occupational_skills", "default"),
    ],
    "2122": [
        ("keeps to safety law", "knowledge", "knowledge.health_and_safety", "rule"),
        ("plans projects", "skill", "skill.project_planning_and_management", "emb"),
    ],
    "2134": [("writes programs", "skill", "skill.coding_and_programming", "rule"), ("uses ledgers", "knowledge", "knowledge.financial_knowledge", "rule")],
    "8211": [
        ("drives lorries", "skill", "skill.specific_occupational_skills", "default"),
        ("keeps to safety law", "knowledge", "knowledge.health_and_safety", "rule"),
    ],
}
STATEMENTS = {
    # standard: (version, status, unit group, [(kind, text, ksb_id, method)])
    "ST9001": ("1.9", "Retired", "1121", [("skill", "an old wording", "skill.sales", "rule")]),
    "ST9001 ": (
        "1.10",
        "Approved for delivery",
        "1121",
        [
            ("knowledge", "Safety law", "knowledge.health_and_safety", "rule"),
            ("skill", "Lead people", "skill.leadership", "rule"),
            ("skill", "Sell", "skill.sales", "rule"),
            ("behaviour", "Be reliable", "behaviour.reliable", "rule"),
        ],
    ),
    "ST9002": (
        "1.0",
        "Approved for delivery",
        "2134",
        [
            ("knowledge", "Book-keeping", "knowledge.financial_knowledge", "emb"),
            ("knowledge", "Advanced IT", "knowledge.advanced_it", "lexical"),
            ("skill", "Write code", "skill.coding_and_programming", "rule"),
            ("behaviour", "Be resilient", "behaviour.resilient", "rule"),
            ("behaviour", "Respect others", "behaviour.other", "default"),
        ],
    ),
}
# reference, district, achievements, status
ACHIEVEMENTS = [
    *(("ST9001", district, 500.0, "ok") for district in LSIP_DISTRICTS),
    ("ST9002", "E06000016", 40.0, "ok"),
    ("ST9002", "E07000129", None, "low"),
    (None, "E06000016", 20.0, "ok"),
]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


RELEASES = [
    # dataset, release, known from, known to
    ("skills_imperative", "si-2023", "2023-03-29", "2024-08-05"),
    ("skills_imperative", "si-2024", "2024-08-05", None),
    ("soc2020", "soc-1", "2025-04-16", None),
    ("aps_employment", "aps-1", "2025-07-15", None),
    ("apprenticeships", "app-1", "2025-07-17", "2025-11-27"),
    ("apprenticeships", "app-2", "2025-11-27", None),
    ("apprenticeship_standards", "se-1", "2026-01-10", None),
    ("uk_ssc", "ssc-1", "2025-11-01", None),
]

# skill, its group, and the words of the texts above that speak of it
UK_SSC = [
    ("Lead teams", "Leading people", ("leads a team", "Lead people")),
    ("Sell goods", "Selling", ("sells goods", "Sell")),
    ("Drive goods vehicles", "Driving", ()),
    ("Fill shelves", "Filling shelves", ("fills shelves",)),
    ("Apply safety law", "Safety at work", ("keeps to safety law", "Safety law")),
]

Rows = list[tuple[Any, ...]]


def _projections() -> Iterator[tuple[str, str, Rows]]:
    employment, requirements = [], []
    for release, growth in (("si-2023", -0.1), ("si-2024", 0.2)):
        # a former enterprise partnership bears the LSIP's name and must not count beside it
        for kind in ("LSIP", "LEP"):
            place = (kind, "Leicester and Leicestershire")
            for number, (code, title) in enumerate(SUB_MAJORS.items()):
                size = 0.8 if code == "82" else 20.0 + number
                for year in (2020, 2024, 2025, 2035):
                    jobs = size * (1 + growth * (year - 2020) / 15)
                    employment.append((*place, "occupation", "sub_major", code, title, year, jobs, "ok", release, "w.xlsm", f"Occ F2!{kind}{code}{year}"))
                change = size * growth
                numbers = (2020, 2035, size, size + change, change, size / 2)
                requirements.append((*place, "sub_major", code, title, *numbers, "ok", release, "w.xlsm", f"RD T1!{kind}{number}"))
            for breakdown in ("occupation", "industry"):
                employment += [(*place, breakdown, "total", None, "All", year, 500.0, "ok", release, "w.xlsm", f"{breakdown} {year}") for year in (2020, 2035)]
    place_columns = "area_kind area_name"
    yield "skills_imperative__employment", f"{place_columns} breakdown level category_code category_label year employment_thousands status", employment
    yield (
        "skills_imperative__replacement_demand",
        f"{place_columns} level occupation_code occupation_label base_year horizon_year employment_base_thousands employment_horizon_thousands "
        "net_change_thousands replacement_demand_thousands status",
        requirements,
    )


def _occupations() -> Iterator[tuple[str, str, Rows]]:
    levels = [*((code, "sub_major", title) for code, title in SUB_MAJORS.items()), *((code, "unit", title) for code, title in UNIT_GROUPS.items())]
    yield "ons__soc2020_groups", "soc_code level title", [(*row, "soc-1", "soc.xlsx", row[0]) for row in levels]
    tasks = [(code, place, text, "soc-1", "soc.xlsx", f"{code}.{place}") for code, rows in TASKS.items() for place, (text, *_) in enumerate(rows, start=1)]
    yield "ons__soc2020_tasks", "soc_code position task", tasks
    yield "ons__soc2020_job_titles", "soc_code position job_title", [("8211", 1, "Lorry driver", "soc-1", "soc.xlsx", "j1")]


def _survey() -> Iterator[tuple[str, str, Rows]]:
    rows: Rows = []
    for (area, boundary), scale in ((LSIP, 1.0), (LEICESTER, 0.1)):
        cells = [("total", "t", "Aged 16-64 - In employment", 70000.0), ("industry", "i", "C Manufacturing", 9000.0)]
        cells += [
            ("occupation_sub_major", code, title.replace("and", "&", 1), 20000.0 + 1000 * place) for place, (code, title) in enumerate(SUB_MAJORS.items())
        ]
        for breakdown, cell, label, size in cells:
            # in the district the drivers are suppressed and the engineers come without a confidence interval
            value, status = (None, "c") if scale < 1 and cell == "82" else (size * scale, "ok")
            half, half_status = (None, "u") if scale < 1 and cell in ("82", "21") else (size * scale * 0.1, "ok")
            for measure, number, judged in (("value", value, status), ("confidence", half, half_status)):
                grain = ("2025-03", "Apr 2024-Mar 2025", area, boundary, breakdown, cell, label, measure)
                rows.append((*grain, number, judged, "aps-1", "aps.csv", f"{area}{cell}{measure}"))
    yield "nomis__aps_employment", "date_code date_name asked_area asked_boundary_version breakdown cell category_label measure value status", rows


def _apprenticeships() -> Iterator[tuple[str, str, Rows]]:
    totals = [
        (year, district, "Total", "Total", "S", reference, reference or "A framework", number, status, None, "app-2", "std.csv", f"{year}{district}{reference}")
        for year in ("202324", "202425")
        for reference, district, number, status in ACHIEVEMENTS
    ]
    parts = [
        ("202425", "E06000016", age, "Advanced Apprenticeship", "S", "ST9001", "ST9001", 250.0, "ok", None, "app-2", "std.csv", f"part {age}")
        for age in ("16-18", "19-24")
    ]
    columns = "time_period lad_code age_summary apps_level ssa_tier_1 st_code standard_name achievements achievements_status is_part_year"
    yield "dfe__apprenticeship_achievements_by_standard", columns, totals + parts

    rows: Rows = []
    for release, starts, is_part_year in (("app-1", 800.0, True), ("app-2", 900.0, False)):
        for level, place in (*(("Local authority district", code) for code in LSIP_DISTRICTS), ("National", "E92000001")):
            for filters in (("Total", "Total", "Total"), ("Under 19", "Total", "Total"), ("Total", "Total", "Female"), ("Under 19", "Total", "Female")):
                counts = (None, "low") if place == "E07000135" and filters[0] == "Under 19" else (starts, "ok")
                rows.append(("202425", level, place, *filters, *counts, 0.0, "ok", None, "x", is_part_year, release, "app.csv", f"{place}{filters}"))
    columns = "time_period geographic_level area_code age_summary apps_level sex"
    for count in ("starts", "achievements", "participation"):
        columns += f" {count} {count}_status"
    yield "dfe__apprenticeships_by_district", f"{columns} is_part_year", rows


def _standards() -> Iterator[tuple[str, str, Rows]]:
    standards, statements = [], []
    for key, (version, status, _, rows) in STATEMENTS.items():
        reference = key.strip()
        standards.append((reference, version, f"Standard {reference}", status, 3, "se-1", "se.json", f"[{key}]"))
        statements += [
            (reference, version, kind, place, f"guid-{place}", text, "se-1", "se.json", f"[{key}].{place}")
            for place, (kind, text, *_) in enumerate(rows, start=1)
        ]
    yield "skills_england__standards", "reference version title status level", standards
    yield "skills_england__statements", "reference version kind position statement_id text", statements
    yield "skills_england__duties", "reference version position text", [("ST9002", "1.0", 1, "A duty", "se-1", "se.json", "d1")]
    yield "skills_england__job_titles", "reference version position job_title source", [("ST9002", "1.0", 1, "Programmer", "typical", "se-1", "se.json", "t1")]


def _classification() -> Iterator[tuple[str, str, Rows]]:
    rows = [(skill, group, f"To {skill.lower()}.", "0.9", "ssc-1", "ssc.csv", skill) for skill, group, _ in UK_SSC]
    yield "uk_ssc__skills", "skill skill_group definition scheme_version", rows
    # half of two of one unit group's sub-unit groups, so a quarter of its work
    yield "uk_ssc__tasks", "task_id task scheme_version", [("t1", "sells goods", "0.9", "ssc-1", "tasks.csv", "t1")]
    related = [("8211/01", "t1", "8211", 50.0, "ok"), ("8211/02", "t1", "8211", None, "x")]
    columns = "sug_code task_id soc_code relatedness relatedness_status"
    yield "uk_ssc__sub_unit_group_tasks", columns, [(*row, "ssc-1", "related.csv", row[0]) for row in related]


def _links() -> Rows:
    """The UK-SSC link of each text with its given kind: a group, or none."""
    groups = {text: (skill, group) for skill, group, texts in UK_SSC for text in texts}
    texts = {(text, None) for rows in TASKS.values() for text, *_ in rows} | {(text, kind) for *_, rows in STATEMENTS.values() for kind, text, *_ in rows}
    rows: Rows = []
    for text, kind in sorted(texts, key=str):
        skill, group = groups.get(text, (None, None)) if kind != "behaviour" else (None, None)
        level = "none" if group is None else "skill" if skill == "Sell goods" else "group"
        rows.append((sha256(text), kind, level, skill if level == "skill" else None, group, "hybrid" if group else "abstain", "uk_ssc", "0.9"))
    return rows


def _matches() -> Rows:
    links = {(sha256(text), None, kind, ksb, method) for rows in TASKS.values() for text, kind, ksb, method in rows}
    links |= {(sha256(text), kind, kind, ksb, method) for *_, rows in STATEMENTS.values() for kind, text, ksb, method in rows}
    return [(text, given, 1, ksb, kind, method, 0.9, "1") for text, given, kind, ksb, method in sorted(links, key=str)]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Rows) -> None:
    connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})", rows)


SOURCES = (_projections, _occupations, _survey, _apprenticeships, _standards, _classification)


def build_toy_warehouse(path: Path) -> None:
    """Write every source of the dbt project, but the simulations, into a new DuckDB file at ``path``.

    Raw tables have the columns and types of the datasets' contracts; the times of releases are joined on, as the warehouse does. The LSIP has 8
    districts and two standards, three occupations with five unit groups, two vintages of projections and two releases of apprenticeships.
    """
    import duckdb

    from observatory_assets.datasets import all_datasets
    from observatory_assets.ksb import bridge, grouped, matcher, occupations

    types = {"string": "varchar", "integer": "bigint", "float": "double", "boolean": "boolean", "date": "date", "timestamp": "timestamptz"}
    rows = {table: (columns, rows) for source in SOURCES for table, columns, rows in source()}
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'; create schema raw; create schema derived; create schema lake")
        connection.execute(
            "create table raw.release (dataset varchar, release_id varchar, marker varchar, known_from timestamptz, known_to timestamptz, "
            "known_from_basis varchar, released_at timestamptz, detected_at timestamptz, retrieved_at timestamptz, materialised_at timestamptz, "
            "published_at timestamptz, url varchar, "
            "sha256 varchar, bytes bigint, rows bigint, previous_release_id varchar, is_sample boolean)"
        )
        connection.executemany(
            "insert into raw.release select $1, $2, $2, $3, $4, 'publisher', $3, $3::timestamptz + interval 9 minute, $3::timestamptz + interval 10 minute, "
            "$3::timestamptz + interval 12 minute, null, 'https://example.org/' || $2, sha256($2), 10, 10, null, true",
            RELEASES,
        )
        connection.execute(
            "create table raw.dataset (slug varchar, title varchar, publisher varchar, landing_page varchar, licence varchar, attribution varchar, "
            "cadence_days double, description varchar)"
        )
        kinds = {"string": "varchar", "instant": "timestamptz"}
        for name, columns in OPERATIONS.items():
            connection.execute(f"create table raw.{name} ({', '.join(f'{column} {kinds.get(kind, kind)}' for column, kind in columns.items())})")
        connection.execute("insert into raw.dataset_state values ('soc2020', 'publisher not answering', true, '2026-11-01', '2026-12-01', 'no answer')")
        connection.execute("create table raw.mart_input as select 'dim_occupation' as mart, 'soc2020' as dataset")
        for dataset in all_datasets():
            connection.execute("insert into raw.dataset (slug, title) values (?, ?)", [dataset.slug, dataset.title])
            for table in dataset.tables:
                specification = ", ".join(f"{column.name} {types[column.type]}" for column in table.columns)
                connection.execute(f"create table lake.{table.name} ({specification}, {', '.join(f'{name} varchar' for name in PROVENANCE)})")
                connection.execute(
                    f"create view raw.{table.name} as select t.*, r.known_from as _known_from, r.known_to as _known_to, r.is_sample as _is_sample "
                    f"from lake.{table.name} as t inner join raw.release as r on t._release_id = r.release_id"
                )
                if table.name not in rows:
                    continue  # a dataset these tests say nothing of is an empty source
                columns, content = rows[table.name]
                _insert(connection, f"lake.{table.name}", [*columns.split(), *PROVENANCE], content)
        derived = (
            ("ksb_match", matcher.COLUMNS),
            ("ksb_link", grouped.COLUMNS),
            ("standard_occupation", occupations.COLUMNS),
            ("ksb_bridge_edge", bridge.COLUMNS),
        )
        for name, columns in derived:
            numbers = {"rank": "integer", "reviewed_at": "timestamptz"} | dict.fromkeys(
                ("score", "dense_score", "lexical_score", "margin", *bridge.NUMBERS), "double"
            )
            specification = ", ".join(f"{column} {numbers.get(column, 'varchar')}" for column in columns)
            connection.execute(f"create table derived.{name} ({specification})")
        _insert(connection, "derived.ksb_match", ["text_sha256", "kind_given", "rank", "ksb_id", "kind", "method", "score", "taxonomy_version"], _matches())
        columns = ["text_sha256", "kind_given", "level", "skill", "skill_group", "method", "scheme", "scheme_version"]
        _insert(connection, "derived.ksb_link", columns, _links())
        connection.execute(
            "create table derived.ksb_evaluation as select 'ksb_labelled' as labelled_set, sha256('x') as labelled_set_sha256, 'given' as kind, "
            "'strict' as measure, 0.85::double as value, 0.8::double as lower, 0.9::double as upper, 135::bigint as n, 0.8::double as gate, true as passed, "
            "'1' as matcher_version, '1' as threshold_version, '1' as taxonomy_version, null::varchar as model_sha256, "
            "'2026-01-10'::timestamptz as evaluated_at, true as is_current"
        )
        placed = [(key, unit, 1, "title") for key, (_, _, unit, _) in STATEMENTS.items() if key == key.strip()]
        _insert(connection, "derived.standard_occupation", ["reference", "soc_code", "rank", "method"], placed)


def simulate_toy_warehouse(path: Path, draws: int = 200, seed: int = 7) -> None:
    """Run the real simulation and horizon scan on the intermediate tables of ``path``, as the pipeline does between the domains ksb and gap."""
    import duckdb

    from observatory_assets.ksb.horizon import scan_horizon
    from observatory_assets.ksb.uncertainty import simulate_gap

    with duckdb.connect(str(path)) as connection:
        inputs = (
            connection.table(f"intermediate.{name}").to_arrow_table()
            for name in ("int_demand_weight", "int_demand_incidence", "int_supply_total", "int_supply_incidence")
        )
        signals = scan_horizon(connection.table("intermediate.int_ksb_advert_quarter").to_arrow_table(), seed=seed)
        for name, table in zip(("ksb_simulation", "mismatch_simulation", "ksb_signal"), (*simulate_gap(*inputs, draws=draws, seed=seed), signals), strict=True):
            connection.register("simulated", table)
            connection.execute(f"create or replace table derived.{name} as select * from simulated")
            connection.unregister("simulated")


def run_dbt(path: Path, target: Path, *arguments: str, manifest: Any = None) -> Any:
    """Run dbt in this process on the warehouse at ``path`` and let go of the file; returns dbt's result, failures included.

    Args:
        manifest: of an earlier ``parse``; saves parsing again.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["OBSERVATORY_WAREHOUSE_FILE"] = str(path)
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target), "--log-path", str(target / "logs")]
    try:
        return dbtRunner(manifest=manifest).invoke([*arguments, *project, "--quiet"])
    finally:
        DuckDBConnectionManager.close_all_connections()


def describe(result: Any) -> str:
    """What went wrong, one line a node, for a test's message."""
    if result.exception:
        return str(result.exception)
    return "\n".join(
        f"{node.node.name}: {node.status} {node.message}" for node in getattr(result.result, "results", []) if node.status not in ("success", "pass")
    )


@dataclass(frozen=True)
class Built:
    """The toy warehouse after a build: its file, dbt's target folder and manifest, and what each domain's build returned."""

    path: Path
    target: Path
    manifest: Any
    results: dict[str, Any]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The toy warehouse built domain by domain with the simulation in between, as the pipeline does."""
    folder = tmp_path_factory.mktemp("warehouse")
    path, target = folder / "observatory.duckdb", folder / "target"
    build_toy_warehouse(path)
    parsed = run_dbt(path, target, "parse")
    assert parsed.success, describe(parsed)
    results = {}
    for domain in DOMAINS:
        if domain == "gap":
            simulate_toy_warehouse(path)
        results[domain] = run_dbt(path, target, "build", "--select", f"tag:{domain}", manifest=parsed.result)
        assert results[domain].success, describe(results[domain])
    return Built(path, target, parsed.result, results)


@pytest.fixture
def marts(built: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the built toy warehouse."""
    import duckdb

    with duckdb.connect(str(built.path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection
