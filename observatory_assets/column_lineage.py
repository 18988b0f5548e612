"""Which raw columns each column of each mart is made of, read from the SQL that dbt compiles, and the page that shows it (docs/column_lineage.html).

Belongs here: following columns through compiled SQL, and the page. Does not belong here: where one number came from (explain, cell_provenance).

The open-source Dagster UI shows lineage of tables only. What a column is made of is every column named in the expressions of its select lists, through
every CTE, union, subquery and model. What filters, joins, groups or orders rows is left out: it decides which rows there are, not what is in the column.
"""

from __future__ import annotations

import functools
import graphlib
import html
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from observatory_assets.datasets import all_datasets
from observatory_assets.derivations import derivations
from observatory_assets.manifest import DBT_PROJECT
from observatory_assets.operations import ensure
from observatory_assets.warehouse import PARSED, prepare_manifest
from resources.errors import ObservatoryError
from resources.observatory import Observatory
from resources.settings import Settings

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

ROWS = "*"  # as a column: the rows themselves, which count(*) counts
LEAVES = ("raw", "seeds", "derived")
LONGEST_EXPRESSION = 200
# The first that holds of any expression on the way names the column's kind.
KINDS = ("aggregated", "windowed", "computed", "copied", "constant")


class ColumnLineage(NamedTuple):
    """What one column is made of.

    mart, column: its relation and name. kind: aggregated, windowed, computed, copied or constant, in the SQL of its own model.
    expression: the expressions that make it there; empty where it is copied.
    upstream: schema.relation.column its own model reads. staging: columns of staging models on the way. raw: columns of raw tables and seeds it ends in.
    derived: columns of tables that Python computes, where SQL ends (derived_lineage goes on from there).
    unresolved: what could not be followed, each "relation.column: name"; empty where everything was.

    A column named ``*`` stands for the rows of its relation, counted and not read.
    """

    mart: str
    column: str
    kind: str
    expression: str
    upstream: tuple[str, ...]
    staging: tuple[str, ...]
    raw: tuple[str, ...]
    derived: tuple[str, ...]
    unresolved: tuple[str, ...]


class Reference(NamedTuple):
    """A column of a relation of the warehouse."""

    schema: str
    relation: str
    column: str

    def __str__(self) -> str:
        return ".".join(self)


class Origin(NamedTuple):
    """What one select list says of a column: references it reads, expressions on the way (kind, SQL), names that nothing was found for."""

    references: frozenset[Reference] = frozenset()
    expressions: tuple[tuple[str, str], ...] = ()
    unresolved: frozenset[str] = frozenset()


def _together(origins: Iterable[Origin]) -> Origin:
    references: frozenset[Reference] = frozenset()
    expressions: dict[tuple[str, str], None] = {}
    unresolved: frozenset[str] = frozenset()
    for one in origins:
        references |= one.references
        expressions |= dict.fromkeys(one.expressions)
        unresolved |= one.unresolved
    return Origin(references, tuple(expressions), unresolved)


class ModelColumns:
    """The columns of one compiled SELECT and what each is made of."""

    def __init__(self, sql: str, known: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        """Args:
        sql: in DuckDB's dialect.
        known: schema -> relation -> column -> type of every relation it may read; one that is missing is taken to have whatever is asked of it.
        """
        import sqlglot
        from sqlglot import exp
        from sqlglot.optimizer.qualify import qualify
        from sqlglot.optimizer.scope import build_scope

        self._exp = exp
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        for table in tree.find_all(exp.Table):
            table.set("catalog", None)  # the database's name, the same for all
        tree = qualify(tree, dialect="duckdb", schema=known, validate_qualify_columns=False, quote_identifiers=False, identify=False)
        self._known = known
        root = build_scope(tree)
        if root is None:
            raise ObservatoryError("a compiled model is not a SELECT", rule="column_lineage", found=sql[:200])
        self._root = root
        self._scopes = {id(scope.expression): scope for scope in root.traverse()}
        self._found: dict[tuple[int, str], Origin] = {}
        self.names = [name for name in self._names(root) if name != ROWS]

    def origin(self, column: str) -> Origin:
        """What ``column`` of the SELECT is made of; ROWS for what its rows are made of."""
        return self._output(self._root, column)

    def _names(self, scope: Scope) -> list[str]:
        branches = self._branches(scope)
        if branches and scope.expression.args.get("by_name"):
            return list(dict.fromkeys(name for branch in branches for name in self._names(branch)))
        return self._names(branches[0]) if branches else [select.alias_or_name for select in scope.expression.selects]

    def _branches(self, scope: Scope) -> list[Scope]:
        return list(scope.set_operation_scopes) if isinstance(scope.expression, self._exp.SetOperation) else []

    def _output(self, scope: Scope, column: str) -> Origin:
        key = (id(scope), column)
        if key not in self._found:
            self._found[key] = Origin()  # what a recursive CTE reads of itself adds nothing
            self._found[key] = self._output_now(scope, column)
        return self._found[key]

    def _output_now(self, scope: Scope, column: str) -> Origin:
        if branches := self._branches(scope):
            if column == ROWS:
                return _together(self._output(branch, ROWS) for branch in branches)
            if scope.expression.args.get("by_name"):
                return _together(self._output(branch, column) for branch in branches if column in self._names(branch))
            place = self._names(scope).index(column) if column in self._names(scope) else None
            if place is None or any(ROWS in self._names(branch) for branch in branches):
                return _together(self._output(branch, column) for branch in branches)
            return _together(self._output(branch, self._names(branch)[place]) for branch in branches)
        if isinstance(scope.expression, self._exp.Lateral) and (inner := self._scopes.get(id(scope.expression.this.unnest()))):
            return self._output(inner, column)
        if not isinstance(scope.expression, self._exp.Select):
            return self._expression(scope.expression, scope)  # unnest, values
        if column == ROWS:
            return _together(self._of(scope.sources[name], ROWS) for name in scope.selected_sources)
        for select in scope.expression.selects:
            if select.alias_or_name == column:
                return self._expression(select.unalias(), scope)
        # A star over a relation whose columns nobody knows.
        stars = [name for name in scope.selected_sources if scope.expression.is_star and self._columns(scope.sources[name]) is None]
        return self._of(scope.sources[stars[0]], column) if len(stars) == 1 else Origin(unresolved=frozenset({column}))

    def _of(self, source: Scope | exp.Table, column: str) -> Origin:
        if isinstance(source, self._exp.Table):
            return Origin(frozenset({Reference(source.db, source.name, column)}))
        # The first part of a recursive CTE, as its own second part sees it, is a scope that has no sources; the one with this very tree has.
        return self._output(self._scopes.get(id(source.expression), source), column)

    def _columns(self, source: Scope | exp.Table) -> Sequence[str] | None:
        """The columns of a source; None where nobody knows them."""
        if isinstance(source, self._exp.Table):
            return list(self._known.get(source.db, {}).get(source.name, ())) or None
        if not isinstance(source.expression, self._exp.Query):
            return None
        names = self._names(source)
        return None if ROWS in names else names

    def _expression(self, expression: exp.Expression, scope: Scope) -> Origin:
        """What an expression of ``scope`` reads. A bare column is passed through; anything else is added to the expressions on the way."""
        exp = self._exp
        bare = expression.unnest()
        if isinstance(bare, exp.Column) and not isinstance(bare.this, exp.Star):
            return self._column(bare, scope)
        read = _together(self._read(expression, scope))
        within = [one for one in self._walk(expression) if not isinstance(one, exp.Column)]
        if any(isinstance(one, exp.Window) for one in within):
            kind = "windowed"
        elif any(isinstance(one, exp.AggFunc) for one in within):
            kind = "aggregated"
        else:
            kind = "computed" if read.references or read.unresolved else "constant"
        return _together([Origin(expressions=((kind, expression.sql(dialect="duckdb", comments=False, normalize_functions="lower")),)), read])

    def _walk(self, expression: exp.Expression) -> Iterator[exp.Expression]:
        """The nodes of an expression; of a query within it only the query itself."""
        return expression.walk(prune=lambda one: isinstance(one, self._exp.Select | self._exp.SetOperation))

    def _read(self, expression: exp.Expression, scope: Scope) -> Iterator[Origin]:
        exp = self._exp
        for one in self._walk(expression):
            if isinstance(one, exp.Column) and not isinstance(one.this, exp.Star):
                yield self._column(one, scope)
            elif inner := self._scopes.get(id(one)):
                yield from (self._output(inner, name) for name in ([ROWS] if isinstance(one.parent, exp.Exists) else self._names(inner)))
            elif isinstance(one, exp.Star) and isinstance(one.parent, exp.Count):
                yield from (self._of(scope.sources[name], ROWS) for name in scope.selected_sources)

    def _column(self, column: exp.Column, scope: Scope) -> Origin:
        around: Scope | None = scope
        while around is not None:
            sources = around.sources
            if column.table in sources:
                return self._of(sources[column.table], column.name)
            # x.y is a field of column x where no relation is called x; without an x it is a column of the one relation that has it
            name = column.table or column.name
            holders = [one for key, one in sources.items() if key in around.selected_sources and name in (self._columns(one) or ())]
            if not holders and len(around.selected_sources) == 1:
                only = sources[next(iter(around.selected_sources))]
                holders = [only] if self._columns(only) is None else []
            if len(holders) == 1:
                return self._of(holders[0], name)
            around = around.parent
        return Origin(unresolved=frozenset({column.sql(dialect="duckdb", comments=False)}))


class Lineage(NamedTuple):
    """``marts``: of every column of every mart. ``derived``: derived table -> of every column of what Python computes it from."""

    marts: list[ColumnLineage]
    derived: dict[str, list[ColumnLineage]]


def column_lineage() -> list[ColumnLineage]:
    """What every column of every mart is made of, in order of mart, columns in the mart's own order.

    Raises:
        ObservatoryError: the dbt project does not compile.
    """
    return lineage().marts


def derived_lineage() -> dict[str, list[ColumnLineage]]:
    """Derived table -> each column of the models, and each seed, it is computed from: Python is followed at table level only."""
    return lineage().derived


def lineage() -> Lineage:
    """Both, computed once per state of the dbt project: 6 CPU s, of which dbt takes 3."""
    return _lineage(prepare_manifest().stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _lineage(_: int) -> Lineage:
    manifest = json.loads(prepare_manifest().read_bytes())
    # Of a project that does not compile, dbt's other thread still writes while this one leaves.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        observatory = Observatory(Settings(home=Path(folder)))
        steps = {table: (step.reads, step.seeds) for step in derivations(observatory) for table in step.tables}
        return trace(manifest, compiled(Path(folder)), raw_columns(observatory), steps)


def compiled(folder: Path) -> dict[str, str]:
    """dbt's unique id -> SQL of every model, compiled without a warehouse; ``folder`` holds what dbt leaves.

    Raises:
        ObservatoryError: the project does not compile.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(folder / "target")]
    quiet = ["--no-send-anonymous-usage-stats", "--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    before = os.environ.get("OBSERVATORY_WAREHOUSE_FILE")
    os.environ["OBSERVATORY_WAREHOUSE_FILE"] = str(folder / "observatory.duckdb")
    try:
        outcome = dbtRunner(manifest=Manifest.from_msgpack(PARSED.read_bytes())).invoke(
            ["compile", "--select", "resource_type:model", "--indirect-selection", "empty", *project, *quiet]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()
        if before is None:
            del os.environ["OBSERVATORY_WAREHOUSE_FILE"]
        else:
            os.environ["OBSERVATORY_WAREHOUSE_FILE"] = before
    if not outcome.success:
        raise ObservatoryError("the dbt project does not compile", rule="dbt", found=str(outcome.exception), action="run `dbt compile` in dbt_project")
    return {one.node.unique_id: one.node.compiled_code for one in outcome.result.results if one.node.resource_type == "model"}


def raw_columns(observatory: Observatory) -> dict[str, dict[str, str]]:
    """Relation of schema raw -> column -> type: the empty views of ``observatory``, which has no release."""
    import duckdb

    ensure(observatory)
    with duckdb.connect(":memory:") as connection:
        observatory.warehouse.register(connection, all_datasets(), [])
        observatory.warehouse.write_inputs(connection, [])
        rows = connection.execute("select table_name, column_name, data_type from duckdb_columns() where schema_name = 'raw' order by all").fetchall()
    relations: dict[str, dict[str, str]] = {}
    for relation, column, kind in rows:
        relations.setdefault(relation, {})[column] = kind
    return relations


def trace(
    manifest: Mapping[str, Any],
    sql: Mapping[str, str],
    raw: Mapping[str, Mapping[str, str]],
    steps: Mapping[str, tuple[Sequence[str], Sequence[str]]],
) -> Lineage:
    """Follow every column of the marts of a dbt project to raw tables, seeds and derived tables.

    Args:
        manifest: dbt's.
        sql: unique id of a model -> its compiled SQL.
        raw: relation of schema raw -> column -> type.
        steps: derived table -> intermediate models and seeds it is computed from.
    """
    known: dict[str, dict[str, dict[str, str]]] = {"raw": {relation: dict(columns) for relation, columns in raw.items()}, "seeds": {}}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            known["seeds"][node["alias"]] = dict(node["config"]["column_types"])
    nodes = manifest["nodes"]
    order = graphlib.TopologicalSorter({one: sorted(set(nodes[one]["depends_on"]["nodes"]) & set(sql)) for one in sorted(sql)}).static_order()
    models: dict[tuple[str, str], ModelColumns] = {}
    for one in order:
        model = ModelColumns(sql[one], known)
        models[nodes[one]["schema"], nodes[one]["alias"]] = model
        known.setdefault(nodes[one]["schema"], {})[nodes[one]["alias"]] = dict.fromkeys(model.names, "varchar")  # types make no difference here

    @functools.cache
    def behind(reference: Reference) -> Behind:
        if reference.schema in LEAVES:
            return Behind(frozenset({reference}))
        if reference[:2] not in models:
            return Behind(frozenset({reference}), unresolved=frozenset({f"{reference}: no model of this name"}))
        origin = models[reference[:2]].origin(reference.column)
        ways = [behind(one) for one in sorted(origin.references)]
        return Behind(
            frozenset({reference}).union(*(one.references for one in ways)),
            tuple(dict.fromkeys([text for _, text in origin.expressions] + [text for one in ways for text in one.expressions])),
            frozenset(f"{reference}: {name}" for name in origin.unresolved).union(*(one.unresolved for one in ways)),
        )

    def of(schema: str, relation: str, column: str) -> ColumnLineage:
        origin, way = models[schema, relation].origin(column), behind(Reference(schema, relation, column))
        kinds = {kind for kind, _ in origin.expressions if kind != "constant"} or {"copied"}
        expressions = [text for _, text in origin.expressions]
        if not way.unresolved and not any(one.schema in LEAVES for one in way.references):
            kinds, expressions = {"constant"}, expressions or list(way.expressions)  # written in the SQL, here or further up
        return ColumnLineage(
            relation,
            column,
            next(kind for kind in KINDS if kind in kinds),
            _summary(expressions),
            tuple(sorted(map(str, origin.references))),
            tuple(sorted(str(one) for one in way.references if one.schema == "staging")),
            tuple(sorted(str(one) for one in way.references if one.schema in ("raw", "seeds"))),
            tuple(sorted(str(one) for one in way.references if one.schema == "derived")),
            tuple(sorted(way.unresolved)),
        )

    def read_by(table: str) -> list[ColumnLineage]:
        reads, seeds = steps[table]
        return [of("intermediate", one, column) for one in reads for column in models["intermediate", one].names] + [
            ColumnLineage(seed, ROWS, "copied", "", (), (), (f"seeds.{seed}.{ROWS}",), (), ()) for seed in seeds
        ]

    marts = [of(schema, relation, column) for schema, relation in sorted(models) if schema == "marts" for column in models[schema, relation].names]
    return Lineage(marts, {table: read_by(table) for table in sorted(steps)})


class Behind(NamedTuple):
    """Every reference between a column and its leaves, itself included, the expressions on the way, and what was not resolved on it."""

    references: frozenset[Reference]
    expressions: tuple[str, ...] = ()
    unresolved: frozenset[str] = frozenset()


def _summary(expressions: Iterable[str]) -> str:
    """The first three distinct expressions, each cut to a readable length."""
    distinct = list(dict.fromkeys(" ".join(one.split()) for one in expressions))
    shown = [one if len(one) <= LONGEST_EXPRESSION else one[: LONGEST_EXPRESSION - 1] + "…" for one in distinct[:3]]
    return "; ".join(shown) + (f"; and {len(distinct) - 3} more" if len(distinct) > 3 else "")


# The page

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
caption { text-align: left; padding: .25rem 0; }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { background: #f0f0f0; width: 28%; }
thead th:first-child { width: 16%; }
.search { position: sticky; top: 0; background: #fff; padding: .5rem 0; border-bottom: 1px solid #767676; }
input { font: inherit; width: min(40rem, 90%); padding: .25rem; }
.lost { font-weight: bold; color: #8a1c00; }
[hidden] { display: none; }
"""

# Rows whose text holds every word stay; "x.y" counts as the words x and y, since columns are listed under their table, and a row that is "as" another
# has that one's text too.
SCRIPT = """
const box = document.getElementById("filter"), said = document.getElementById("shown");
const text = (row) => row.textContent + [...row.querySelectorAll("a.as")].map((link) => text(document.getElementById(link.hash.slice(1)))).join(" ");
const sections = [...document.querySelectorAll("section")].map((section) => [section, [...section.querySelectorAll("tbody tr")]
  .map((row) => [row, (section.id + " " + text(row)).toLowerCase()])]);
function filter() {
  const words = box.value.toLowerCase().split(/[\\s.]+/).filter(Boolean);
  let shown = 0;
  for (const [section, rows] of sections) {
    let here = 0;
    for (const [row, held] of rows) {
      row.hidden = !words.every((word) => held.includes(word));
      here += !row.hidden;
    }
    section.hidden = !here;
    shown += here;
  }
  said.textContent = shown + " rows shown";
}
box.value = new URLSearchParams(location.search).get("filter") || "";
box.addEventListener("input", filter);
filter();
"""

HEAD = ("column", "how it is made in this model", "read from", "raw columns, seeds and derived tables it ends in")


def lineage_page(found: Lineage) -> str:
    """``found`` as one HTML page that needs nothing else: a section per mart, one per derived table, and a filter."""
    marts: dict[str, list[ColumnLineage]] = {}
    for one in found.marts:
        marts.setdefault(one.mart, []).append(one)
    lost = sum(bool(one.unresolved) for one in found.marts)
    kinds = ", ".join(f"{sum(one.kind == kind for one in found.marts):,} {kind}" for kind in KINDS)
    lines = [
        "<!DOCTYPE html>",
        "<!-- Generated by `python -m observatory_assets.docs`; edit what it describes instead. -->",
        '<html lang="en-GB">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Column lineage of the marts</title><style>{STYLE}</style></head>",
        "<body><main>",
        "<h1>Column lineage of the marts</h1>",
        "<p>What each column of each mart is made of, read from the SQL that dbt compiles: every column named in the expressions of the select lists, through "
        "every CTE, union, subquery and model, down to the publishers' raw tables and the seeds. What filters, joins, groups or orders rows is left out: it "
        "decides which rows there are, not what is in a column. A history is shown as its first build, which has no past of its own to carry on.</p>",
        "<p>Tables of schema <code>derived</code> are computed by Python: SQL ends there, and the second part of the page names every column each of them is "
        "computed from. A column <code>*</code> stands for the rows of a table, counted and not read.</p>",
        f'<p id="counts">{len(found.marts):,} columns of {len(marts)} marts: {kinds}; <span class="lost">{lost:,} unresolved</span>.</p>',
        '<div class="search"><label for="filter">Show only rows that hold these words (a raw table, a column, a mart):</label><br>'
        '<input id="filter" type="search" autocomplete="off"> <span id="shown" role="status"></span></div>',
        '<nav aria-label="Sections"><p>Marts: ' + ", ".join(f'<a href="#{_text(one)}">{_text(one)}</a>' for one in marts) + "</p>",
        "<p>Derived tables: " + ", ".join(f'<a href="#derived.{_text(one)}">{_text(one)}</a>' for one in found.derived) + "</p></nav>",
        "<h2>Marts</h2>",
    ]
    for mart, columns in marts.items():
        lines += _section(mart, f"Columns of marts.{mart}", columns, lambda one: one.column)
    lines.append("<h2>Derived tables</h2>")
    for table, columns in found.derived.items():
        lines += _section(f"derived.{table}", f"What derived.{table} is computed from", columns, lambda one: f"{one.mart}.{one.column}")
    return "\n".join([*lines, "</main>", f"<script>{SCRIPT}</script>", "</body>", "</html>"]) + "\n"


def _section(name: str, caption: str, columns: Sequence[ColumnLineage], title: Callable[[ColumnLineage], str]) -> Iterator[str]:
    lost = sum(bool(one.unresolved) for one in columns)
    yield f'<section id="{_text(name)}" aria-labelledby="h-{_text(name)}">'
    yield f'<h3 id="h-{_text(name)}">{_text(name)}</h3>'
    yield f"<table><caption>{_text(caption)}: {len(columns)}, {lost} unresolved</caption>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{one}</th>' for one in HEAD) + "</tr></thead><tbody>"
    for one in columns:
        made = f"{one.kind}: <code>{_text(one.expression)}</code>" if one.expression else one.kind
        cells = (made, _grouped(one.upstream), _ends(one))
        yield f'<tr id="{_text(f"{name}/{title(one)}")}"><th scope="row">{_text(title(one))}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></section>"


def _ends(one: ColumnLineage) -> str:
    lost = f'<span class="lost">unresolved: {_text("; ".join(one.unresolved))}</span><br>' if one.unresolved else ""
    ends = (*one.raw, *one.derived)
    if one.kind == "copied" and not one.expression and len(one.upstream) == 1 and one.upstream[0].startswith("marts."):
        _, mart, column = one.upstream[0].split(".")
        return f'as <a class="as" href="#{_text(f"{mart}/{column}")}">{_text(f"{mart}.{column}")}</a>'
    if not ends:
        return lost or "none: it is written in the SQL"
    through = f"<br>through {_grouped(one.staging)}" if one.staging else ""
    tables = {name.rsplit(".", 1)[0] for name in ends}
    if len(tables) == 1:
        return lost + _grouped(ends) + through
    return f"{lost}<details><summary>{len(ends)} columns of {len(tables)} tables</summary>{_grouped(ends)}{through}</details>"


def _grouped(names: Sequence[str]) -> str:
    """Names of columns, each table once with its columns behind it, and linked where the page has a section on it."""
    tables: dict[str, list[str]] = {}
    for name in names:
        table, column = name.rsplit(".", 1)
        tables.setdefault(table, []).append(column)
    return "<br>".join(f"{_linked(table)}: {_text(', '.join(columns))}" for table, columns in tables.items())


def _linked(table: str) -> str:
    section = {"marts": table.removeprefix("marts."), "derived": table}.get(table.split(".")[0])
    return f'<a href="#{_text(section)}">{_text(table)}</a>' if section else _text(table)


def _text(text: str) -> str:
    return html.escape(text)
