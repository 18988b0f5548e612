"""What the matcher makes of texts, one record a text in the order given: the form `observatory match` prints.

Belongs here: texts into the matcher's table, its first-rank row and the UK-SSC link back out as a record.
Does not belong here: matching (matcher.py), linking (grouped.py), reading or printing (the command line).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from observatory_assets.ksb.grouped import NO_BEHAVIOURS, NOT_HELD, Grouped
from observatory_assets.ksb.matcher import match_statements
from observatory_assets.ksb.model import Embedder
from observatory_assets.ksb.taxonomy import Override, Taxonomy
from observatory_assets.ksb.text import clean, text_sha256

NONE = "NONE"  # a text that is no KSB; OTHER is the label of behaviour's catch-all


def describe(
    texts: Sequence[str],
    *,
    taxonomy: Taxonomy,
    embedder: Embedder | None,
    kind: str | None = None,
    overrides: Sequence[Override] = (),
    uk_ssc: Grouped | None = None,
) -> list[dict[str, Any]]:
    """Match texts and say of each where it belongs and why.

    Args:
        texts: as written; blank, repeated or unusable ones keep their place.
        taxonomy: areas, prototypes and cue rules.
        embedder: None leaves words alone to decide.
        kind: 'knowledge', 'skill' or 'behaviour' of all texts, or None: predicted for each, and adverts' sentences that are no KSB are told.
        overrides: reviewers' decisions, oldest first.
        uk_ssc: where knowledge and skills are linked to; None leaves group and skill null.

    Returns:
        One dict a text: area (label of the survey or extension area, OTHER for a behaviour that none covers, NONE for what is no KSB), survey_area
        (the same with an extension area counted in its kind's catch-all), ksb_id, kind, group, skill (of UK-SSC), level ('skill', 'group' or 'none': how far
        the link goes), score, method, rule, runner_up (ksb_id), reason (of the area), link_score, link_band ('auto', 'review', 'abstain'), link_reason (why
        group is null).

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
    links = _links(dict(zip(keys, cleaned, strict=True)), first, uk_ssc)
    return [_record(first[key], links[key], taxonomy) for key in keys]


def _links(texts: dict[str, str], first: dict[str, dict[str, Any]], uk_ssc: Grouped | None) -> dict[str, dict[str, Any]]:
    """Fields about UK-SSC for each text; what is no KSB and behaviours are not linked."""
    blank = {"group": None, "skill": None, "level": None, "link_score": None, "link_band": None, "link_reason": None}
    links = {key: {**blank, "link_reason": NOT_HELD if uk_ssc is None else None} for key in texts}
    wanted = {}
    for key, text in texts.items():
        if first[key]["ksb_id"] is None:
            links[key]["link_reason"] = first[key]["reason"]
        elif first[key]["kind"] == "behaviour":
            links[key]["link_reason"] = NO_BEHAVIOURS
        else:
            wanted[key] = text
    if uk_ssc is not None:
        for key, verdict in zip(wanted, uk_ssc.verdicts(list(wanted.values())), strict=True):
            links[key] = {
                "group": verdict.group,
                "skill": verdict.skill,
                "level": verdict.level,
                "link_score": verdict.score,
                "link_band": verdict.band,
                "link_reason": verdict.reason,
            }
    return links


def _record(row: dict[str, Any], link: dict[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    area = taxonomy.by_id.get(row["ksb_id"])
    counted = area if area is None or area.in_seed_survey else taxonomy.by_id[taxonomy.defaults[area.kind]]
    return {
        "area": NONE if area is None else area.label,
        "survey_area": NONE if counted is None else counted.label,
        "ksb_id": row["ksb_id"],
        "kind": row["kind"],
        "group": link["group"],
        "skill": link["skill"],
        "level": link["level"],
        "score": row["score"],
        "method": row["method"],
        "rule": row["rule_id"],
        "runner_up": row["runner_up_id"],
        "reason": row["reason"],
        "link_score": link["link_score"],
        "link_band": link["link_band"],
        "link_reason": link["link_reason"],
    }
