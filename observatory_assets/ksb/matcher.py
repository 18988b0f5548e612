"""Statements onto KSB areas, in a fixed order: reviewer's override, exact label, cue rule with vectors, default or abstention.

Belongs here: the order, the score, the thresholds, the choice of kind where none is given, and the rows that say how each link came about.
Does not belong here: evidence about areas (seeds, through taxonomy.py), vectors (model.py) or what is counted from the links (dbt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.kind import does_something, opening, predict_kind
from observatory_assets.ksb.lexical import Tfidf, plain_stems_of, with_pairs
from observatory_assets.ksb.model import Embedder, vectors_for
from observatory_assets.ksb.taxonomy import KINDS, CueRule, Override, Taxonomy, instant
from observatory_assets.ksb.text import clauses, clean, fold, normalise, not_a_statement
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MATCHER_VERSION = "2"
THRESHOLD_VERSION = "2"

# score = 0.7 best + 0.3 mean of the two best prototypes of the area at its best clause, + 0.12 if a cue of the area fires.
# Cosines of the sentence model and TF-IDF cosines live on different scales, hence two sets of thresholds.
CUE_BONUS = 0.12
SUPPORTED = {"dense": 0.52, "lexical": 0.32}  # cue and score agree
# A strong cue decides almost alone, but "AWS D1.1" in a welding standard (0.30) is not cloud computing, and a word deep in a clause is a mention.
STRONG_FLOOR = {"dense": 0.36, "lexical": 0.12}
# … unless the cue is a good part of its clause: "Knowledge of COSHH" (0.27) says nothing else.
WHOLE = 0.25
DEEP = {"knowledge": 80, "skill": 80, "behaviour": 10_000}  # characters; behaviours come as lists of traits, so none is in passing
ACCEPT_WITH_CUE = {"dense": 0.70, "lexical": 0.42}  # a weak cue; of 12 links of UK-SSC tasks read by eye between 0.62 and 0.70 ten were mentions
ACCEPT_ALONE = {"dense": 0.68, "lexical": 0.60}  # no cue; of 30 links read by eye the wrong ones lay mostly between 0.60 and 0.68
# What words settle is not embedded. Of 3,549 real statements 748 have no cue of any area and 930 none but an extension area's: their vectors linked
# four and none of them to a survey area. So a statement without a survey cue is embedded only if its wording comes this near to a survey area, …
NEAR_SURVEY = 0.30
# … and one with weak cues alone unless it has less than this in common with every area: of 1,327 without a strong cue two linked ones lay under it.
NO_EVIDENCE = 0.15
REVIEW_MARGIN = 0.05  # a link this near its threshold, or a default this near to another area, goes to the reviewers
MOST_LINKS = 5

COLUMNS = (  # of ksb_match
    "text_sha256", "kind_given", "rank", "ksb_id", "kind", "method",
    "rule_id", "cue_span", "score", "dense_score", "lexical_score", "runner_up_id",
    "margin", "band", "reviewed_by", "reviewed_at", "reason", "threshold_version", "taxonomy_version",
    "model_name", "model_sha256", "tokenizer_sha256", "matcher_version",
)  # fmt: skip


@dataclass(frozen=True)
class _Cue:
    rule_id: str
    strength: str
    span: str
    at: tuple[int, int]  # clause, offset


@dataclass
class _Work:
    """A statement on its way through: what it says and what has been found so far."""

    sha: str
    kind_given: str | None
    text: str
    kind: str | None = None
    clauses: list[str] = field(default_factory=list)
    units: list[int] = field(default_factory=list)  # rows of the clause matrix
    cues: dict[str, _Cue] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()
    rejected: str | None = None  # who barred them, and when
    scale: str = "lexical"  # which score decides: "dense" once the statement is embedded


def match_statements(
    statements: pa.Table,
    *,
    taxonomy: Taxonomy,
    embedder: Embedder | None,
    overrides: Sequence[Override] = (),
    cache_path: Path | None = None,
) -> pa.Table:
    """Link each distinct (text, kind) to areas of the taxonomy.

    Args:
        statements: columns text_sha256, kind ('knowledge' | 'skill' | 'behaviour' | NULL: to be predicted), text; repeats are matched once.
        taxonomy: areas, prototypes and cue rules.
        embedder: None leaves TF-IDF as the only score, and methods say 'lexical'. With one, statements that their words settle are not embedded
            (dense_score NULL): a first strong cue that is early and that the wording supports, or nothing that speaks for a survey area.
        overrides: reviewers' decisions, oldest first.
        cache_path: Parquet cache of vectors.

    Returns:
        The columns of COLUMNS, one row per link (rank 1, 2, …) ordered by text_sha256, kind_given, rank. Text that no area covers has its
        kind's catch-all with method 'default'; text that cannot be matched has ksb_id NULL, method 'abstain' and the reason. An unlabelled
        task also has rows of kind 'knowledge' after those of its own kind. Scores have six
        decimals and ties fall to the smaller ksb_id, so equal input gives equal output whatever its order.
    """
    if unknown := set(statements["kind"].to_pylist()) - {*KINDS, None}:
        raise ObservatoryError(
            "statements of an unknown kind", rule="kind is a KSB kind or NULL", expected=KINDS, found=sorted(unknown), action="map the kind first"
        )
    work = sorted(
        {
            (sha, kind or ""): _Work(sha, kind, clean(text))
            for sha, kind, text in zip(*(statements[name].to_pylist() for name in ("text_sha256", "kind", "text")), strict=True)
        }.values(),
        key=lambda item: (item.sha, item.kind_given or ""),
    )
    matcher = _Matcher(taxonomy, embedder, _latest(overrides))
    rows: dict[int, list[dict[str, Any]]] = {}
    open_work: list[_Work] = []
    for item in work:
        decided = matcher.decide_early(item)
        if decided is None:
            open_work.append(item)
        else:
            rows[id(item)] = decided
    for item, decided in zip(open_work, matcher.score(open_work, cache_path), strict=True):
        rows[id(item)] = decided
    return _table([row for item in work for row in rows[id(item)]], taxonomy, embedder)


def _latest(overrides: Sequence[Override]) -> dict[str, list[Override]]:
    by_text: dict[str, list[Override]] = {}
    for decision in overrides:
        by_text.setdefault(decision.text_sha256, []).append(decision)
    return by_text


class _Matcher:
    def __init__(self, taxonomy: Taxonomy, embedder: Embedder | None, overrides: dict[str, list[Override]]) -> None:
        self.taxonomy, self.embedder, self.overrides = taxonomy, embedder, overrides
        self.rules: dict[str, list[CueRule]] = {kind: [] for kind in KINDS}
        for rule in taxonomy.rules:
            if rule.ksb_id is not None:
                self.rules[taxonomy.by_id[rule.ksb_id].kind].append(rule)
        self.not_ksb = [rule for rule in taxonomy.rules if rule.strength == "none"]
        self.survey = {area.ksb_id for area in taxonomy.areas if area.in_seed_survey}

    # -- override, exact, impossible -------------------------------------------------------------------------------------------------

    def decide_early(self, item: _Work) -> list[dict[str, Any]] | None:
        """Rows of a statement that needs no scoring, or None."""
        kind = item.kind_given
        relevant = [d for d in self.overrides.get(item.sha, ()) if d.ksb_id is None or kind in (None, self.taxonomy.by_id[d.ksb_id].kind)]
        rejected = set()
        for decision in relevant:
            (rejected.add if decision.action == "reject" else rejected.discard)(decision.ksb_id)
        if (final := next((d for d in reversed(relevant) if d.action != "reject"), None)) and final.ksb_id not in rejected:
            area = self.taxonomy.by_id.get(final.ksb_id or "")
            who = {"reviewed_by": final.reviewer, "reviewed_at": instant(final.decided_at), "reason": final.reason}
            decided = [self._row(item, final.ksb_id, area.kind if area else kind, "override", band="auto", **who)]
            return decided + (self._knowledge_of_a_task(item, 1) if kind is None and area and area.kind == "skill" else [])
        item.barred = frozenset(rejected)
        item.rejected = (
            "; ".join(f"{d.reviewer} rejected {d.ksb_id} on {d.decided_at[:10]}" for d in relevant if d.action == "reject" and d.ksb_id in rejected) or None
        )
        if (why := not_a_statement(item.text)) is not None:
            return [self._abstain(item, why)]
        name = normalise(item.text)
        for candidate in KINDS if kind is None else (kind,):
            ksb_id = self.taxonomy.exact.get((candidate, name))
            if ksb_id and ksb_id not in item.barred:
                return [self._row(item, ksb_id, candidate, "exact", score=1.0, band="auto")]
        item.clauses = clauses(item.text)
        folded = [fold(clause) for clause in item.clauses]
        if kind is None:
            folded, gate = self._gate(folded)
            everything = {candidate: self._cues(folded, candidate) for candidate in KINDS}
            strong = {candidate: self._strong_survey(cues) for candidate, cues in everything.items()}
            if gate is not None and not strong["skill"]:
                return [self._abstain(item, "not a KSB: pay, hours, place, licence, degree or the employer's own description", gate)]
            traits = any(cue.strength == "strong" for cue in everything["behaviour"].values())
            item.kind = predict_kind(" ; ".join(folded), strong, traits)
            item.cues = {ksb_id: cue for cues in everything.values() for ksb_id, cue in cues.items() if ksb_id not in item.barred}
        else:
            item.kind = kind
            item.cues = {ksb_id: cue for ksb_id, cue in self._cues(folded, kind).items() if ksb_id not in item.barred}
        return None

    def _cues(self, folded: list[str], kind: str) -> dict[str, _Cue]:
        """The best cue of each area of a kind: strong before weak, then the earliest."""
        found: dict[str, _Cue] = {}
        for position, clause in enumerate(folded):
            for rule in self.rules[kind]:
                if (hit := rule.pattern.search(clause)) is None or (rule.veto is not None and rule.veto.search(clause)):
                    continue
                cue, old = _Cue(rule.rule_id, rule.strength, hit.group(0), (position, hit.start())), found.get(rule.ksb_id or "")
                if old is None or (cue.strength == "weak", cue.at) < (old.strength == "weak", old.at):
                    found[rule.ksb_id or ""] = cue
        return found

    def _strong_survey(self, cues: dict[str, _Cue]) -> list[str]:
        return [ksb_id for ksb_id, cue in cues.items() if cue.strength == "strong" and ksb_id in self.survey]

    def _gate(self, folded: list[str]) -> tuple[list[str], _Cue | None]:
        """Clauses without the words that say an unlabelled text (an advert's sentence) is no KSB, and the first cue that says so.

        "A degree in computer science" is no evidence of a skill, so what is left decides. A task ("pays pensions and benefits") may hold such
        words; they count in it only where it opens with them ("Join our team").
        """
        found, left = None, list(folded)
        for position, clause in enumerate(folded):
            task = does_something(opening(clause))
            for rule in self.not_ksb:
                hit = rule.pattern.search(clause)
                if hit is None or (task and hit.start() > 0) or (rule.veto is not None and rule.veto.search(clause)):
                    continue
                found = found or _Cue(rule.rule_id, "none", hit.group(0), (position, hit.start()))
                left[position] = left[position].replace(hit.group(0), " " * len(hit.group(0)))
        return left, found

    # -- scoring ---------------------------------------------------------------------------------------------------------------------

    def score(self, items: list[_Work], cache_path: Path | None) -> list[list[dict[str, Any]]]:
        """Rows of the statements that neither override nor label decided."""
        import numpy as np

        if not items:
            return []
        units: dict[str, int] = {}
        for item in items:
            item.units = [units.setdefault(clause, len(units)) for clause in item.clauses]
        prototypes = [sentence for _, sentence in self.taxonomy.prototypes]
        lexical = self._by_area(Tfidf(prototypes, analyzer=_terms).cosines(list(units)))
        if self.embedder is None:
            return [self._choose(item, lexical, None) for item in items]
        for item in items:
            item.scale = "lexical" if self._settled(item, lexical) else "dense"
            if item.scale == "dense":
                item.units = self._telling(item, lexical)
        wanted = sorted({unit for item in items if item.scale == "dense" for unit in item.units})
        texts = list(units)
        vectors, _ = vectors_for(prototypes + [texts[unit] for unit in wanted], self.embedder, cache_path)
        vectors = vectors.astype(np.float64)  # so that sums do not depend on how many rows share the product
        similarity = np.zeros((len(units), len(prototypes)))
        similarity[wanted] = vectors[len(prototypes) :] @ vectors[: len(prototypes)].T
        dense = self._by_area(similarity)
        return [self._choose(item, lexical, dense) for item in items]

    def _settled(self, item: _Work, lexical: dict[str, np.ndarray]) -> bool:
        """Whether words alone decide: the first strong survey cue is early and the wording supports it, or nothing speaks for a survey area."""
        own = {ksb_id: float(scores[item.units].max()) for ksb_id, scores in lexical.items() if self.taxonomy.by_id[ksb_id].kind == item.kind}
        cues = {ksb_id: cue for ksb_id, cue in item.cues.items() if ksb_id in own}
        survey = sorted((cue.strength == "weak", cue.at, ksb_id) for ksb_id, cue in cues.items() if ksb_id in self.survey)
        if not survey:
            supported = [own[ksb_id] + CUE_BONUS >= SUPPORTED["lexical"] for ksb_id in cues]
            return max((own[ksb_id] for ksb_id in own if ksb_id in self.survey), default=0.0) < NEAR_SURVEY and (not supported or any(supported))
        weak, at, first = survey[0]
        if weak:
            return max(own.values()) < NO_EVIDENCE
        return at[1] < DEEP[item.kind or ""] and own[first] + CUE_BONUS >= SUPPORTED["lexical"]

    def _telling(self, item: _Work, lexical: dict[str, np.ndarray]) -> list[int]:
        """Clauses worth embedding: those with a cue or something in common with an area; all of them if there is none."""
        cued = {cue.at[0] for cue in item.cues.values()}
        own = [scores for ksb_id, scores in lexical.items() if self.taxonomy.by_id[ksb_id].kind == item.kind]
        return [unit for at, unit in enumerate(item.units) if at in cued or max(scores[unit] for scores in own) >= NO_EVIDENCE] or item.units

    def _by_area(self, similarity: np.ndarray) -> dict[str, np.ndarray]:
        """Clause x prototype similarities -> each area's 0.7 best + 0.3 mean of its two best, per clause."""
        import numpy as np

        owners = np.array([ksb_id for ksb_id, _ in self.taxonomy.prototypes])
        scores = {}
        for ksb_id in dict.fromkeys(owners.tolist()):
            own = np.sort(similarity[:, owners == ksb_id], axis=1)
            scores[ksb_id] = np.round(0.7 * own[:, -1] + 0.3 * own[:, -2:].mean(axis=1), 6)
        return scores

    def _choose(self, item: _Work, lexical: dict[str, np.ndarray], dense: dict[str, np.ndarray] | None) -> list[dict[str, Any]]:
        dense = dense if item.scale == "dense" else None
        evidence = lexical if dense is None else dense
        best: dict[str, tuple[float, float | None, float]] = {}  # ksb_id -> score, dense, lexical
        for ksb_id, per_clause in evidence.items():
            if ksb_id in item.barred or self.taxonomy.by_id[ksb_id].kind != item.kind:
                continue
            at = max(item.units, key=per_clause.__getitem__)
            bonus = CUE_BONUS if ksb_id in item.cues else 0.0
            best[ksb_id] = (round(float(per_clause[at]) + bonus, 6), None if dense is None else float(per_clause[at]), float(lexical[ksb_id][at]))
        ranking = sorted(best, key=lambda ksb_id: (-best[ksb_id][0], ksb_id))
        links = sorted(filter(None, (self._accept(item, ksb_id, best[ksb_id]) for ksb_id in ranking)))
        rows = []
        for tier, ksb_id, method in links[:MOST_LINKS]:
            score, dense_score, lexical_score = best[ksb_id]
            runner_up = next((other for other in ranking if other != ksb_id), None)
            margin = None if runner_up is None else round(score - best[runner_up][0], 6)
            wanted = ACCEPT_WITH_CUE if tier[0] == 1 else ACCEPT_ALONE
            sure = score >= (SUPPORTED[item.scale] if tier[0] in (0, 2) else wanted[item.scale] + REVIEW_MARGIN)
            rows.append(
                self._row(
                    item, ksb_id, item.kind, method, cue=item.cues.get(ksb_id), rank=len(rows) + 1, score=score, dense_score=dense_score,
                    lexical_score=lexical_score, runner_up_id=runner_up, margin=margin, band="auto" if sure else "review",
                )
            )  # fmt: skip
        if not rows:
            nearest = ranking[0] if ranking else None
            near = nearest is not None and best[nearest][0] >= (ACCEPT_WITH_CUE if nearest in item.cues else ACCEPT_ALONE)[item.scale] - REVIEW_MARGIN
            score, dense_score, lexical_score = best[nearest] if nearest else (None, None, None)
            rows.append(
                self._row(
                    item, self.taxonomy.defaults[item.kind or ""], item.kind, "default", score=score, dense_score=dense_score, lexical_score=lexical_score,
                    runner_up_id=nearest, band="review" if near else "abstain", reason="no area reached its threshold; the score is the nearest area's",
                )
            )  # fmt: skip
        if item.kind_given is None and item.kind == "skill":
            rows += self._knowledge_of_a_task(item, len(rows))
        return rows

    def _accept(self, item: _Work, ksb_id: str, scores: tuple[float, float | None, float]) -> tuple[tuple[Any, ...], str, str] | None:
        """Sort key, area and method of a link, or None. Survey areas come first, extension areas take what those leave."""
        cue, (score, _, _) = item.cues.get(ksb_id), scores
        with_score = "rule+emb" if item.scale == "dense" else "rule"
        survey = ksb_id in self.survey
        strong = cue is not None and cue.strength == "strong"
        floor = (STRONG_FLOOR if strong and cue.at[1] < DEEP[item.kind or ""] else SUPPORTED)[item.scale]
        if strong and (score >= floor or (survey and len(cue.span) >= WHOLE * len(item.clauses[cue.at[0]]))):
            return ((0 if survey else 2, *cue.at, -score), ksb_id, with_score if score >= SUPPORTED[item.scale] else "rule")
        if cue is not None and score >= ACCEPT_WITH_CUE[item.scale]:
            return ((1, *cue.at, -score), ksb_id, with_score)
        if cue is None and score >= ACCEPT_ALONE[item.scale]:
            return ((3 if survey else 4, 0, 0, -score), ksb_id, "emb" if item.scale == "dense" else "lexical")
        return None

    def _knowledge_of_a_task(self, item: _Work, rank: int) -> list[dict[str, Any]]:
        """What a task of unknown kind says about knowledge: the survey areas its wording names, else the kind's catch-all.

        A task is done with a skill and draws on knowledge; without these rows demand would show named knowledge only,
        while supply is nine-tenths technical and vocational.
        """
        named = sorted(
            (cue.at, ksb_id) for ksb_id, cue in item.cues.items() if ksb_id in self.survey and cue.strength == "strong" and ksb_id.startswith("knowledge.")
        )
        rows = [self._row(item, ksb_id, "knowledge", "rule", cue=item.cues[ksb_id], rank=rank + n, band="review") for n, (_, ksb_id) in enumerate(named, 1)]
        return rows or [
            self._row(
                item,
                self.taxonomy.defaults["knowledge"],
                "knowledge",
                "default",
                rank=rank + 1,
                band="abstain",
                reason="a task draws on its occupation's knowledge",
            )
        ]

    # -- rows ------------------------------------------------------------------------------------------------------------------------

    def _row(self, item: _Work, ksb_id: str | None, kind: str | None, method: str, *, cue: _Cue | None = None, rank: int = 1, **values: Any) -> dict[str, Any]:
        row = dict.fromkeys(COLUMNS)
        row |= {"text_sha256": item.sha, "kind_given": item.kind_given, "rank": rank, "ksb_id": ksb_id, "kind": kind, "method": method}
        row |= {"rule_id": cue.rule_id if cue else None, "cue_span": cue.span if cue else None, **values}
        row["reason"] = "; ".join(filter(None, (row["reason"], item.rejected))) or None
        return row

    def _abstain(self, item: _Work, why: str, cue: _Cue | None = None) -> dict[str, Any]:
        return self._row(item, None, item.kind_given, "abstain", cue=cue, band="abstain", reason=why)


def _terms(text: str) -> list[str]:
    return with_pairs(plain_stems_of(text))


def _table(rows: list[dict[str, Any]], taxonomy: Taxonomy, embedder: Embedder | None) -> pa.Table:
    import pyarrow as pa

    stamp = {
        "threshold_version": THRESHOLD_VERSION,
        "taxonomy_version": taxonomy.version,
        "model_name": embedder and embedder.name,
        "model_sha256": embedder and embedder.model_sha256,
        "tokenizer_sha256": embedder and embedder.tokenizer_sha256,
        "matcher_version": MATCHER_VERSION,
    }
    types = {"rank": pa.int32(), "reviewed_at": pa.timestamp("us", "UTC")} | dict.fromkeys(("score", "dense_score", "lexical_score", "margin"), pa.float64())
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    return pa.Table.from_pylist([row | stamp for row in rows], schema=schema)
