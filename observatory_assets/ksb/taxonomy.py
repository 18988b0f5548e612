"""The taxonomy of KSB areas with its evidence: labels, prototype sentences and cue rules, read from the dbt seeds.

Belongs here: loading and checking ksb_area, ksb_prototype, ksb_cue_rule and ksb_override, and the version they make together.
Does not belong here: scoring (matcher.py). A new area is rows in the seeds, no Python.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from observatory_assets.ksb.text import normalise
from resources.errors import ObservatoryError

KINDS = ("knowledge", "skill", "behaviour")
STRENGTHS = ("strong", "weak", "none")
ACTIONS = ("accept", "replace", "reject")


@dataclass(frozen=True)
class KsbArea:
    """One row of ksb_area; ``in_seed_survey`` is False for extension areas, ``is_default`` marks a kind's catch-all."""

    ksb_id: str
    kind: str
    label: str
    definition: str
    in_seed_survey: bool
    is_default: bool


@dataclass(frozen=True)
class CueRule:
    """A wording that speaks for an area: strong alone decides, weak needs the score's support, none says "not a KSB"."""

    rule_id: str
    ksb_id: str | None
    strength: str
    pattern: re.Pattern[str]
    veto: re.Pattern[str] | None


@dataclass(frozen=True)
class Override:
    """A reviewer's decision about one text.

    accept and replace name the right area (None: no KSB at all); reject bars the named area and leaves the rest to the matcher.
    """

    text_sha256: str
    ksb_id: str | None
    action: str
    reviewer: str
    reason: str
    decided_at: str


@dataclass(frozen=True)
class Taxonomy:
    """Areas in seed order with prototypes and cue rules; ``version`` changes when any of them does."""

    areas: tuple[KsbArea, ...]
    prototypes: tuple[tuple[str, str], ...]  # (ksb_id, sentence)
    rules: tuple[CueRule, ...]
    version: str

    @cached_property
    def by_id(self) -> dict[str, KsbArea]:
        return {area.ksb_id: area for area in self.areas}

    @cached_property
    def defaults(self) -> dict[str, str]:
        """Catch-all ksb_id of each kind."""
        return {area.kind: area.ksb_id for area in self.areas if area.is_default}

    @cached_property
    def exact(self) -> dict[tuple[str, str], str]:
        """(kind, normalised label or prototype) -> ksb_id; the first row wins a tie."""
        names: dict[tuple[str, str], str] = {}
        for ksb_id, name in [(area.ksb_id, area.label) for area in self.areas if not area.is_default] + list(self.prototypes):
            names.setdefault((self.by_id[ksb_id].kind, normalise(name)), ksb_id)
        return names


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _refuse(path: Path, rule: str, expected: object, found: object) -> ObservatoryError:
    return ObservatoryError(f"{path.name} is not a usable seed", rule=rule, expected=expected, found=found, action=f"correct that row of {path.name}")


def load_taxonomy(seeds: Path) -> Taxonomy:
    """Read and check the three taxonomy seeds.

    Args:
        seeds: folder of ksb_area.csv, ksb_prototype.csv and ksb_cue_rule.csv.

    Raises:
        ObservatoryError: an unknown kind, area or strength, a duplicate id, a kind without exactly one default, or a pattern that is no regex.
    """
    area_file, prototype_file, rule_file = (seeds / f"ksb_{name}.csv" for name in ("area", "prototype", "cue_rule"))
    area_rows, prototype_rows, rule_rows = _rows(area_file), _rows(prototype_file), _rows(rule_file)
    areas = tuple(
        KsbArea(row["ksb_id"], row["kind"], row["label"], row["definition"], row["in_seed_survey"] == "true", row["is_default"] == "true") for row in area_rows
    )
    known = {area.ksb_id for area in areas}
    for area in areas:
        if area.kind not in KINDS or not area.ksb_id.startswith(f"{area.kind}."):
            raise _refuse(area_file, "ksb_id is <kind>.<slug>", KINDS, area.ksb_id)
    if len(known) != len(areas) or sorted(area.kind for area in areas if area.is_default) != sorted(KINDS):
        raise _refuse(area_file, "unique ids, one default per kind", KINDS, [area.ksb_id for area in areas if area.is_default])
    for row in prototype_rows:
        if row["ksb_id"] not in known:
            raise _refuse(prototype_file, "ksb_id is an area", sorted(known), row)
    rules = []
    for row in rule_rows:
        if row["strength"] not in STRENGTHS or (row["ksb_id"] not in known if row["strength"] != "none" else row["ksb_id"]):
            raise _refuse(rule_file, "ksb_id is an area and strength is known", STRENGTHS, row)
        try:
            rules.append(
                CueRule(row["rule_id"], row["ksb_id"] or None, row["strength"], re.compile(row["pattern"]), re.compile(row["veto"]) if row["veto"] else None)
            )
        except re.error as error:
            raise _refuse(rule_file, "pattern and veto are regular expressions", "a pattern Python's re compiles", f"{row['rule_id']}: {error}") from error
    content = "\n".join("\x1f".join(row.values()) for row in area_rows + prototype_rows + rule_rows)
    version = f"{area_rows[0]['scheme']}-{area_rows[0]['scheme_version']}+{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    return Taxonomy(areas, tuple((row["ksb_id"], row["text"]) for row in prototype_rows), tuple(rules), version)


def instant(decided_at: str) -> dt.datetime:
    """The moment a decision was taken: ISO 8601, UTC where no zone is written. Raises ValueError for anything else."""
    moment = dt.datetime.fromisoformat(decided_at)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)


def load_overrides(seeds: Path, taxonomy: Taxonomy) -> tuple[Override, ...]:
    """Reviewers' decisions, oldest first (append-only seed ksb_override.csv; the latest about a text and kind wins).

    Raises:
        ObservatoryError: an unknown action or area, or a decision without a time.
    """
    path = seeds / "ksb_override.csv"
    decisions = []
    for row in _rows(path):
        if row["action"] not in ACTIONS or (row["ksb_id"] and row["ksb_id"] not in taxonomy.by_id) or (row["action"] == "reject" and not row["ksb_id"]):
            raise _refuse(path, "a known action about a known area (reject names the area)", ACTIONS, row)
        try:
            instant(row["decided_at"])
        except ValueError as error:
            raise _refuse(path, "decided_at is a time", "ISO 8601, as in 2026-01-10T09:00:00+00:00", row) from error
        decisions.append(Override(row["text_sha256"], row["ksb_id"] or None, row["action"], row["reviewer"], row["reason"], row["decided_at"]))
    return tuple(sorted(decisions, key=lambda decision: instant(decision.decided_at)))
