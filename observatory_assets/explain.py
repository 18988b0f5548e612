"""From a mart's number to the bytes it came from.

Belongs here: following cell_provenance and wording the answer. Does not belong here: recording provenance (dbt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resources.archive import Archive
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import duckdb


def explain(connection: duckdb.DuckDBPyConnection, archive: Archive, mart: str, key: str) -> str:
    """The row, its definition and every raw cell behind it, as text.

    Raises:
        ObservatoryError: no such mart, or no row with this key.
    """
    marts = [row[0] for row in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()]
    if mart not in marts:
        raise ObservatoryError(f"there is no mart {mart!r}", rule="mart", expected=sorted(marts), found=mart)
    columns = {row[0] for row in connection.execute(f'select column_name from (describe marts."{mart}")').fetchall()}
    rows = _rows(connection, f'select * from marts."{mart}" where row_key = ?', [key]) if "row_key" in columns else []
    if not rows:
        raise ObservatoryError(
            f"{mart} has no row with the key {key!r}",
            rule="row_key",
            action=f'observatory sql "select row_key, * from marts.{mart} limit 5" shows keys' if "row_key" in columns else "this mart's rows carry no row_key",
        )
    row = rows[0]
    lines = [f"marts.{mart}  {key}", ""]
    lines += [f"  {name:<22} {value}" for name, value in row.items() if value is not None and name != "row_key"]
    definition = _rows(connection, "select title, unit, definition from seeds.metric where metric = ?", [row["metric"]]) if "metric" in row else []
    for one in definition:
        lines += ["", f"Definition: {one['title']} ({one['unit']}). {one['definition']}"]
    sources = _rows(
        connection,
        "select cell_provenance.*, dim_release.dataset from marts.cell_provenance inner join marts.dim_release using (release_id)"
        " where mart = ? and row_key = ? order by raw_table, source_file, source_row",
        [mart, key],
    )
    lines += ["", f"Raw cells ({len(sources)}):"]
    for source in sources:
        payloads = archive.payloads(source["dataset"], source["release_id"])
        # A zip's member is cited as "archive.zip/member"; the archived object is the zip.
        held = [payload for payload in payloads if source["source_file"].split("/")[0] == payload.name]
        lines += [
            f"  raw.{source['raw_table']}, release {source['release_id']}",
            f"    cell     {source['source_file']} at {source['source_row']}",
            f"    address  {held[0].url if held else source['url']}",
            f"    sha256   {held[0].sha256 if held else source['sha256']}",
        ]
        lines += [f"    bytes    {archive.object_path(held[0].sha256)}"] if held else []
    if not sources:
        lines.append("  none recorded for this row: it is computed from other marts; explain those rows")
    return "\n".join(lines)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
