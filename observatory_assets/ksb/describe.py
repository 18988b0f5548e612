"""What the matcher makes of texts, one record a text in the order given: the form `observatory match` prints.

Belongs here: texts into the matcher's table, its first-rank row back out as a record.
Does not belong here: matching (matcher.py), reading or printing (the command line).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from observatory_assets.ksb.matcher import match_statements
from observatory_assets.ksb.model import Embedder
from observatory_assets.ksb.taxonomy import Override, Taxonomy
from observatory_assets.ksb.text import clean, text_sha256

NONE = "NONE"  # a text that is no KSB; OTHER is the label of behaviour's catch-all


def describe(
    texts: Sequence[str], *, taxonomy: Taxonomy, embedder: Embedder | None, kind: str | None = None, overrides: Sequence[Override] = ()
) -> list[dict[str, Any]]:
    """Match texts and say of each where it belongs and why.

    Args:
        texts: as written; blank, repeated or unusable ones keep their place.
        taxonomy: areas, prototypes and cue rules.
        embedder: None leaves words alone to decide.
        kind: 'knowledge', 'skill' or 'behaviour' of all texts, or None: predicted for each, and adverts' sentences that are no KSB are told.
        overrides: reviewers' decisions, oldest first.

    Returns:
        One dict a text: area (label of the survey or extension area, OTHER for a behaviour that none covers, NONE for what is no KSB), survey_area
        (the same with an extension area counted in its kind's catch-all), ksb_id, kind, group, skill (UK-SSC; null until a taxonomy file is
        linked), score, method, rule, runner_up (ksb_id), reason.

    Raises:
        ObservatoryError: a kind that is none of the three.
    """
    import pyarrow as pa

    cleaned = [clean(text) for text in texts]
    keys = [text_sha256(text) for text in cleaned]
    columns = {"text_sha256": keys, "kind": [kind] * len(keys), "text": cleaned}
    statements = pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
    matches = match_statements(statements, taxonomy=taxonomy, embedder=embedder, overrides=overrides)
    first = {row["text_sha256"]: row for row in matches.to_pylist() if row["rank"] == 1}
    return [_record(first[key], taxonomy) for key in keys]


def _record(row: dict[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    area = taxonomy.by_id.get(row["ksb_id"])
    counted = area if area is None or area.in_seed_survey else taxonomy.by_id[taxonomy.defaults[area.kind]]
    return {
        "area": NONE if area is None else area.label,
        "survey_area": NONE if counted is None else counted.label,
        "ksb_id": row["ksb_id"],
        "kind": row["kind"],
        "group": None,
        "skill": None,
        "score": row["score"],
        "method": row["method"],
        "rule": row["rule_id"],
        "runner_up": row["runner_up_id"],
        "reason": row["reason"],
    }
