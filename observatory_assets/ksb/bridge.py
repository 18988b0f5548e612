"""From one version of a classification of skills to the next: which concept became which, and carrying weights over without losing any.

Belongs here: the edges between consecutive versions and `carry`. Does not belong here: reading a version's files (datasets/uk_ssc), the ids of concepts
(dbt's int_uk_ssc_skill_version), crosswalks to other classifications.
The edges of a concept sum to 1: what has no successor goes to None, which is retired mass and never anybody else's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from observatory_assets.ksb.lexical import plain_stems_of
from observatory_assets.ksb.text import normalise
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import pyarrow as pa

BRIDGE_VERSION = "1"
SIMILAR_AT = 0.60
"""Cosine of name and definition from which a new skill is a successor; only skills that the earlier version lacks are asked. Of a random tenth of v0.9's 3,343
skills retired beside another tenth that is new, 2 to 3% find a successor that is none (at 0.50 5 to 6%); of a tenth renamed after its definition, or with half
of it cut, all find the right one (at 0.70 97 to 100%)."""
NEARLY_AS_SIMILAR = 0.8
"""Of the best successor's cosine: others as near share the mass (a split), further ones get none."""
DIGITS = 12
COLUMNS = ("taxonomy", "from_version", "to_version", "level", "kind", "from_ksb_id", "to_ksb_id", "share", "similarity", "method")
NUMBERS = ("share", "similarity")


class Edge(NamedTuple):
    """``share`` of what ``source`` weighs goes to ``target``; to nobody (None) where it is retired."""

    source: str
    target: str | None
    share: float


class _Step(NamedTuple):
    target: str | None
    share: float
    similarity: float | None
    method: str


def carry(weights: Mapping[str, float], edges: Iterable[Edge | tuple[str, str | None, float]]) -> tuple[dict[str, float], float]:
    """Carry weights from one version's concepts to the next one's.

    Args:
        weights: ksb_id of the earlier version -> weight, of any unit.
        edges: all edges of these concepts.

    Returns:
        ksb_id of the later version -> weight, and the retired weight: together what the weights were together (to rounding).

    Raises:
        ObservatoryError: a weighed concept has no edges, or edges that do not sum to 1.
    """
    steps: defaultdict[str, list[tuple[str | None, float]]] = defaultdict(list)
    for source, target, share in edges:
        steps[source].append((target, share))
    received: defaultdict[str | None, list[float]] = defaultdict(list)
    for source, weight in weights.items():
        total = math.fsum(share for _, share in steps[source])
        if not math.isclose(total, 1, abs_tol=1e-9) or any(share < 0 for _, share in steps[source]):
            raise ObservatoryError(
                f"the weight of {source} would not be conserved",
                rule="conserved_mass",
                expected="shares that sum to 1, the retired one included",
                found=f"{len(steps[source])} edges that sum to {total:g}",
                action="give the edges of the version the weights belong to",
            )
        for target, share in steps[source]:
            received[target].append(weight * share / total)
    retired = math.fsum(received.pop(None, []))
    return {target: math.fsum(parts) for target, parts in received.items() if target is not None}, retired


def bridge_edges(skills: pa.Table) -> pa.Table:
    """Edges between each version and the next, at the levels skill and group.

    A skill is itself where the next version has its official code, else its name; else the new skills whose name and definition are similar share its mass;
    else it is retired. A group is itself where the next version has its name; else its mass goes where its skills go, each of them counting the same.

    Args:
        skills: int_uk_ssc_skill_version.

    Returns:
        COLUMNS; groups have the same edges for the kinds knowledge and skill. No rows with fewer than two versions.
    """
    import pyarrow as pa

    versions: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in skills.to_pylist():
        versions[row["version_number"]].append(row)
    ordered = [sorted(versions[number], key=lambda row: row["skill_ksb_id"]) for number in sorted(versions)]
    rows = []
    for before, after in zip(ordered, ordered[1:], strict=False):
        of_skills = _skill_steps(before, after)
        steps = [("skill", "skill", source, step) for source, found in of_skills.items() for step in found]
        for source, found in _group_steps(before, after, of_skills).items():
            for kind in ("knowledge", "skill"):
                steps += [("group", kind, _of_kind(source, kind), step._replace(target=step.target and _of_kind(step.target, kind))) for step in found]
        for level, kind, source, step in sorted(steps, key=lambda one: (one[0], one[2], one[3].target or "")):
            names = ("uk_ssc", before[0]["scheme_version"], after[0]["scheme_version"], level, kind, source)
            rows.append(dict(zip(COLUMNS, (*names, *step), strict=True)))
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.float64() if name in NUMBERS else pa.string()) for name in COLUMNS]))


def _of_kind(group_ksb_id: str, kind: str) -> str:
    return kind + group_ksb_id.removeprefix("skill")


def _skill_steps(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> dict[str, list[_Step]]:
    by_code = {row["skill_code"]: row["skill_ksb_id"] for row in after if row["skill_code"]}
    by_name: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in after:
        by_name[normalise(row["skill"])].append(row)
    steps: dict[str, list[_Step]] = {}
    for row in before:
        if target := by_code.get(row["skill_code"] or ""):
            steps[row["skill_ksb_id"]] = [_Step(target, 1.0, None, "code")]
        elif named := by_name.get(normalise(row["skill"])):
            # a name may stand in several groups: its own first, else the first by id
            same = min(named, key=lambda one: (one["group_ksb_id"] != row["group_ksb_id"], one["skill_ksb_id"]))
            steps[row["skill_ksb_id"]] = [_Step(same["skill_ksb_id"], 1.0, None, "name")]
    taken = {found[0].target for found in steps.values()}
    return steps | _similar(
        [row for row in before if row["skill_ksb_id"] not in steps],
        [row for row in after if row["skill_ksb_id"] not in taken],
        [*before, *after],
    )


def _similar(left: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> dict[str, list[_Step]]:
    """Steps of the skills ``left`` over to the ``new`` ones; words are weighed by how many of the ``known`` texts have them."""
    retired = {row["skill_ksb_id"]: [_Step(None, 1.0, None, "retired")] for row in left}
    if not left or not new:
        return retired
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, analyzer=plain_stems_of)
    vectorizer.fit([_text(row) for row in known])
    cosines = (vectorizer.transform([_text(row) for row in left]) @ vectorizer.transform([_text(row) for row in new]).T).toarray().round(DIGITS)
    steps = dict(retired)
    for row, found in zip(left, cosines, strict=True):
        least = max(SIMILAR_AT, NEARLY_AS_SIMILAR * found.max())
        near = [(one["skill_ksb_id"], float(cosine)) for one, cosine in zip(new, found, strict=True) if cosine >= least]
        if near:
            total = math.fsum(cosine for _, cosine in near)
            steps[row["skill_ksb_id"]] = [_Step(target, round(cosine / total, DIGITS), round(cosine, 6), "similarity") for target, cosine in near]
    return steps


def _text(row: Mapping[str, Any]) -> str:
    return f"{row['skill']} {row['definition'] or ''}"


def _group_steps(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], of_skills: Mapping[str, Sequence[_Step]]) -> dict[str, list[_Step]]:
    by_name = {normalise(row["skill_group"]): row["group_ksb_id"] for row in reversed(after)}
    group_of = {row["skill_ksb_id"]: row["group_ksb_id"] for row in after}
    members: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in before:
        members[row["group_ksb_id"]].append(row)
    steps: dict[str, list[_Step]] = {}
    for group, rows in members.items():
        if target := by_name.get(normalise(rows[0]["skill_group"])):
            steps[group] = [_Step(target, 1.0, None, "name")]
            continue
        parts: defaultdict[str | None, list[float]] = defaultdict(list)
        for row in rows:
            for step in of_skills[row["skill_ksb_id"]]:
                parts[group_of[step.target] if step.target else None].append(step.share / len(rows))
        steps[group] = [
            _Step(target, round(math.fsum(shares), DIGITS), None, "members" if target else "retired")
            for target, shares in sorted(parts.items(), key=lambda part: part[0] or "")
        ]
    return steps
