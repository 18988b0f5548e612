"""From a mart's number to the bytes it came from.

Belongs here: following cell_provenance and wording the answer. Does not belong here: recording provenance (dbt).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from resources.archive import Archive
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import duckdb

SHOWN = 10  # cells printed of a role, file by file; a gap stands on thousands
LONGEST = 90  # characters printed of a text

# How each mart's value is computed, in the notation of the metric definitions: k KSB, o occupation, q standard or subject, a area.
FORMULAS = {
    "forecast_demand": "occupation: (net change + replacement demand) / years; KSB: F_k = Σ_o max(openings_o, 0) · p(k|o)",
    "forecast_stability": "Spearman's rank correlation of the openings a year of one vintage with those of the later one",
    "ksb_demand": "D_k = Σ_o W_o · p(k|o), W_o the weight of an occupation by basis; share d_k = D_k / Σ_j D_j within kind and level."
    " p(k|o): share of the occupation's work whose texts name k; of behaviours, of its apprentices whose standard asks for k",
    "ksb_supply": "S_k = Σ_q A_q · p(k|q), A_q achievements (attained) or starts and enrolments (on offer); share s_k = S_k / Σ_j S_j within kind and level."
    " p(k|q): 1 or 0 of a standard, of a subject the mean of its standards weighed by their achievements",
    "ksb_gap": "g_k = 100 · (d_k − s_k) percentage points; d_k = D_k / Σ_j D_j, D_k = Σ_o W_o · p(k|o); s_k = S_k / Σ_j S_j, S_k = Σ_q A_q · p(k|q)",
    "mismatch_index": "M = ½ Σ_k |d_k − s_k| over the KSBs of the kind and level",
    "location_quotient": "LQ = (x_a / x_a,all) / (x_c / x_c,all), c the comparator; of a KSB x is D_k",
    "local_in_demand": "mean over indicators of z = (x − median) / (1.4826 · MAD), against the occupation's own history or the other occupations",
    "ksb_signal": "d_k of the newest quarter less the mean of the quarters before, times 100; d_k = D_k / Σ_j D_j, D_k = Σ_o adverts_o · p(k|o)",
}
NO_KEY = "this mart's rows carry no row_key: it is looked up by its own columns; fact marts can be explained: {marts}"
NO_CELLS = "  none are recorded for rows of this mart; the rows it repeats or compares can be explained"
MORE = "    and {rest:,} more: observatory sql \"select * from marts.cell_provenance where mart = '{mart}' and row_key = '{key}' and role = '{role}'\""


def explain(connection: duckdb.DuckDBPyConnection, archive: Archive, mart: str, key: str) -> str:
    """The row, its definition, the versions and inputs it stands on and the raw cells behind it, as text.

    Raises:
        ObservatoryError: no such mart, or no row with this key.
    """
    keyed = dict(
        connection.execute(
            "select table_name, bool_or(column_name = 'row_key') from information_schema.columns where table_schema = 'marts' group by 1 order by 1"
        ).fetchall()
    )
    if mart not in keyed:
        raise ObservatoryError(f"there is no mart {mart!r}", rule="mart", expected=list(keyed), found=mart)
    rows = _rows(connection, f'select * from marts."{mart}" where row_key = ?', [key]) if keyed[mart] else []
    if not rows:
        traced = ", ".join(["fct_indicator", *FORMULAS])
        raise ObservatoryError(
            f"{mart} has no row with the key {key!r}",
            rule="row_key",
            action=f'observatory sql "select row_key, * from marts.{mart} limit 5" shows keys' if keyed[mart] else NO_KEY.format(marts=traced),
        )
    row = rows[0]
    lines = [f"marts.{mart}  {key}", ""]
    lines += [f"  {name:<26} {value}" for name, value in row.items() if value is not None and name != "row_key"]
    lines += _definition(connection, mart, row)
    lines += _models(connection, mart, row)
    return "\n".join(lines + _inputs(connection, mart, key) + _cells(connection, archive, mart, key))


def _definition(connection: duckdb.DuckDBPyConnection, mart: str, row: dict[str, Any]) -> list[str]:
    lines = ["", f"Formula: {FORMULAS[mart]}"] if mart in FORMULAS else []
    for one in _rows(connection, "select title, unit, definition from seeds.metric where metric = ?", [row.get("metric")]):
        lines += ["", f"Definition: {one['title']} ({one['unit']}). {one['definition']}"]
    return lines


def _models(connection: duckdb.DuckDBPyConnection, mart: str, row: dict[str, Any]) -> list[str]:
    """Versions of the models that read the texts behind a KSB's number, and what simulated its interval."""
    if row.get("taxonomy_version") is None:
        return []
    lines = ["", "Models:"]
    level = row.get("level") or "area"
    read = _rows(
        connection,
        "select side, count(distinct statement_id) as texts, count(distinct case when is_counted and ksb_id = $ksb then statement_id end) as naming,"
        " string_agg(distinct matcher_version, ', ') as matcher, string_agg(distinct threshold_version, ', ') as thresholds,"
        " string_agg(distinct model_name || ' ' || left(model_sha256, 12), ', ') as model"
        " from marts.ksb_statement where level = $level and weight is not null group by side order by side",
        {"ksb": row.get("ksb_id") or row.get("item") or row.get("key"), "level": level},
    )
    for one in read:
        naming = f", {one['naming']:,} of which name this KSB" if one["naming"] else ""
        matcher = f"{'linker' if level == 'group' else 'matcher'} {one['matcher']}, thresholds {one['thresholds']}, {one['model'] or 'no language model'}"
        lines.append(f"  {one['side']:<26} {one['texts']:,} texts read{naming}; {matcher}")
    if mart in ("ksb_gap", "mismatch_index"):
        for one in _rows(connection, "select distinct method_version, seed, draws from derived.ksb_simulation", []):  # the index is of the same draws
            lines.append(f"  interval                   simulation {one['method_version']}, seed {one['seed']}, {one['draws']:,} draws")
    return lines


def _inputs(connection: duckdb.DuckDBPyConnection, mart: str, key: str) -> list[str]:
    inputs = _rows(
        connection,
        "select role, input_relation, count(distinct input_key) as inputs, count(*) as cells, min(input_key) as only_one"
        " from marts.cell_provenance where mart = ? and row_key = ? and input_relation <> mart group by role, input_relation order by role, input_relation",
        [mart, key],
    )
    lines = ["", "Inputs:"] if inputs else []
    for one in inputs:
        which = one["only_one"] if one["inputs"] == 1 else f"{one['inputs']:,}"
        lines.append(f"  {one['role']:<26} {one['input_relation']} {which}: {one['cells']:,} raw rows")
    return lines


def _cells(connection: duckdb.DuckDBPyConnection, archive: Archive, mart: str, key: str) -> list[str]:
    # The places of a table are shown in the order of its files; row numbers are texts, of different kinds.
    cells = _rows(
        connection,
        "select distinct role, raw_table, raw_column, dataset, release_id, source_file, source_row, url, sha256 from marts.cell_provenance"
        " where mart = ? and row_key = ? order by role, raw_table, release_id, source_file, try_cast(source_row as bigint), source_row",
        [mart, key],
    )
    lines = ["", f"Raw cells ({len(cells):,}):"]
    if not cells:
        lines.append(NO_CELLS)
    for role, of_role in groupby(cells, key=lambda cell: cell["role"]):
        held = list(of_role)
        for (table, columns), of_table in groupby(held[:SHOWN], key=lambda cell: (cell["raw_table"], cell["raw_column"])):
            lines += ["", f"  {role}: raw.{table}, {columns.replace(',', ', ')}"]
            for _, of_file in groupby(of_table, key=lambda cell: (cell["release_id"], cell["source_file"])):
                lines += _file(connection, archive, list(of_file))
        if len(held) > SHOWN:
            lines.append(MORE.format(rest=len(held) - SHOWN, mart=mart, key=key, role=role))
    return lines


def _file(connection: duckdb.DuckDBPyConnection, archive: Archive, cells: list[dict[str, Any]]) -> list[str]:
    """Cells of one file: its release, address and archived bytes, and what the raw table holds of each."""
    first = cells[0]
    # A zip's member is cited as "archive.zip/member"; the archived object is the zip.
    payloads = [one for one in archive.payloads(first["dataset"], first["release_id"]) if first["source_file"].split("/")[0] == one.name]
    lines = [
        f"    release  {first['release_id']} of {first['dataset']}",
        f"    address  {payloads[0].url if payloads else first['url']}",
        f"    sha256   {payloads[0].sha256 if payloads else first['sha256']}",
    ]
    lines += [f"    bytes    {archive.object_path(payloads[0].sha256)}"] if payloads else []
    columns = ", ".join(f'"{name}"' for name in first["raw_column"].split(","))
    held = _rows(
        connection,
        f'select _source_row, {columns} from raw."{first["raw_table"]}" where _release_id = ? and _source_file = ? and list_contains(?, _source_row)',
        [first["release_id"], first["source_file"], [cell["source_row"] for cell in cells]],
    )
    for cell in cells:
        read = [[_short(value) for name, value in row.items() if name != "_source_row"] for row in held if row["_source_row"] == cell["source_row"]]
        lines.append(f"    cell     {cell['source_file']} at {cell['source_row']}: {'; '.join(sorted(', '.join(values) for values in read))}")
    return lines


def _short(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | dict[str, Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
