"""Every fact mart's value again, in Python, from the cells that cell_provenance cites for it: the published formulas, without the marts' SQL.

Belongs here: one function for each mart and kind of statistic. Does not belong here: reading bytes (rereading), or which rows are tried.
What a text is about is a model's answer and no cell: it is looked up by the text's checksum, as the marts do.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from statistics import median
from typing import Any

from tests.end_to_end.rereading import Cell, Evidence

Row = dict[str, Any]
Interval = tuple[float, float | None]  # what is certain of a number; None where nothing bounds it

COUNTED = {"override", "exact", "rule", "rule+emb", "emb", "lexical", "hybrid", "link"}
RATES = {
    "economic_activity_rate": ("economically_active", "population"),
    "employment_rate": ("employment", "population"),
    "unemployment_rate": ("unemployment", "economically_active"),
    "inactivity_rate": ("inactivity", "population"),
    "self_employment_rate": ("self_employment", "population"),
}
QUALIFIED = {
    "no_qualifications_rate": {"none"},
    "qualification_level_2_plus_rate": {"level_2", "trade_apprenticeships", "level_3", "level_4_plus"},
    "qualification_level_3_plus_rate": {"level_3", "level_4_plus"},
    "qualification_level_4_plus_rate": {"level_4_plus"},
}
SUBJECTS = {"informationandcommunicationtechnologyict": "informationandcommunicationtechnology", "digitaltechnology": "informationandcommunicationtechnology"}


class Recomputation:
    """Values of marts from cited cells."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._shares: dict[tuple[Any, ...], Any] = {}

    def value(self, mart: str, row: Row) -> float | None:
        """The value of one row of a mart, recomputed."""
        return getattr(self, mart)(row, self.read(mart, row))

    def read(self, mart: str, row: Row) -> list[Cell]:
        """The cells behind a row, each of which has been compared with the archived bytes."""
        cells = self.evidence.cells(mart, row["row_key"])
        self._rows(cells)
        return cells

    def is_bounded_by_others(self, row: Row) -> bool:
        """Whether a published figure is the middle of bounds that other figures set: what it is made of is then cited with what bounds it."""
        return self._facts.get(row["row_key"], {"is_tightened": False})["is_tightened"]

    def _rows(self, cells: Iterable[Cell]) -> list[Row]:
        return [row for cell in cells for row in self.evidence.rows(cell)]

    def _by_key(self, cells: Iterable[Cell]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for cell in cells:
            found[cell.key] += self.evidence.rows(cell)
        return found

    # ---- published statistics

    def fct_indicator(self, row: Row, cells: list[Cell]) -> float | None:
        metric, rows = row["metric"], self._rows(cells)
        if metric in RATES:
            return self._rate(metric, cells)
        if metric in QUALIFIED:
            held = {one["level"]: one["value"] for one in rows if one["measure"] == "value"}
            return 100 * sum(held[level] for level in QUALIFIED[metric] & held.keys()) / sum(held.values())
        if metric == "employment_projection":
            return _only({one["employment_thousands"] for one in rows}) * 1000
        if metric.startswith("employment_projection"):
            by_year = {one["year"]: one["employment_thousands"] for one in rows}  # a sector that is one industry is one cell and two rows
            return 100 * (by_year[max(by_year)] / by_year[min(by_year)] - 1)
        if metric in ("net_change", "replacement_demand", "total_requirement"):
            one = _only(rows)
            parts = ("net_change", "replacement_demand") if metric == "total_requirement" else (metric,)
            return 1000 * sum(one[f"{part}_thousands"] for part in parts)
        if metric.startswith("online_job_adverts"):
            return self._adverts(metric, cells)
        if metric.startswith("business_") or metric == "active_businesses":
            figures = {measure: self._enterprises(row, rows, measure) for measure in {one["measure"] for one in rows}}
            if metric.endswith("_rate"):
                return 100 * figures[metric.removeprefix("business_").removesuffix("_rate") + "s"] / figures["active"]
            return _only(figures.values())
        if cells[0].table.startswith("dfe__"):
            return self._learners(row, rows, cells[0].columns)
        return _only([one for one in rows if one.get("measure") not in ("confidence", "variation")])["value"]

    def _rate(self, metric: str, cells: list[Cell]) -> float | None:
        counts = [one for one in self._rows(cells) if "activity" in one and one["measure"] == "value"]
        if not counts:
            return _only([one for one in self._rows(cells) if one["measure"] == "rate"])["value"]
        numerator, denominator = ([one["value"] for one in counts if one["activity"] == activity] for activity in RATES[metric])
        return 100 * numerator[0] / denominator[0]

    def _adverts(self, metric: str, cells: list[Cell]) -> float | None:
        total = 0.0
        for cell in cells:
            for one in self.evidence.rows(cell):
                if cell.table == "adverts__advert_counts":
                    total += self._counted_adverts(cell)[one["month"], one["area_code"], one["soc_code"]]
                elif cell.table == "adzuna__advert_counts":
                    total += one["value"]
                else:
                    total += one["adverts"] or 0
        return total / 3 if metric.endswith("mean") else total

    def _counted_adverts(self, cell: Cell) -> Counter[tuple[str, str, str]]:
        """Adverts of a licensed extract by month, district and occupation; one that is repeated counts where it stands first."""
        key = ("adverts", cell.release)
        if key not in self._shares:
            lines = {line["advert_id"]: line for line in reversed(self.evidence.lines(cell))}
            self._shares[key] = Counter((line["date"][:7], line["area_code"], line["soc_code"] or "Unknown") for line in lines.values())
        return self._shares[key]

    def _enterprises(self, row: Row, rows: list[Row], measure: str) -> float | None:
        held = [one for one in rows if one["measure"] == measure]
        if len(held) == 1 and held[0]["area_code"] == row["area_code"]:
            return held[0]["enterprises"]
        return _middle(_total((max(one["enterprises"] - 2.5, 0), one["enterprises"] + 2.5) for one in held))

    def _learners(self, row: Row, rows: list[Row], columns: tuple[str, ...]) -> float | None:
        """A published figure as it is; a sum of districts as the middle of its bounds, rates as people over the people they are of."""
        published = rows[0] if len(rows) == 1 and row["area_code"] in (rows[0].get("area_code"), rows[0].get("lad_code")) else None
        if "pupil_count" in columns or "reached" in columns:
            rate, part, whole = ("pupil_percent", "pupil_count", "cohort_count") if "pupil_count" in columns else ("percentage", "reached", "cohort")
            if published:
                return published[rate]
            cohort = sum(one[whole] for one in rows)
            lower, upper = _total(_counted(one, part, whole) for one in rows)
            return _middle((100 * lower / cohort, 100 * upper / cohort))
        if row["metric"].endswith("_per_100000"):
            [part] = {"participation", "learner_achievements"} & set(columns)
            if published:
                return published[f"{part}_rate_per_100000_population"]
            people = sum(one["population_estimate"] for one in rows)
            lower, upper = _total(_rounded(one, part) for one in rows)
            return _middle((100000 * lower / people, 100000 * upper / people))
        [part] = columns
        return published[part] if published else _middle(_total(_rounded(one, part) for one in rows))

    # ---- projections

    def forecast_demand(self, row: Row, cells: list[Cell]) -> float | None:
        if row["grain"] == "occupation":
            return _openings(_only(self._rows(cells)))["openings"]
        return self._demand(cells, row["kind"], row["level"])[0].get(row["key"])

    def forecast_stability(self, row: Row, cells: list[Cell]) -> float | None:
        ranked = []
        for side in ("earlier", "later"):
            held = [cell for cell in cells if cell.role.split(":")[0] == side]
            if row["grain"] == "occupation":
                openings = {one["occupation_code"]: _openings(one) for one in self._rows(held)}
                ranked.append({code: one["openings"] for code, one in openings.items() if one["smallest"] >= 10000})
            else:
                ranked.append(self._demand(held, row["kind"], row["level"])[0])
        both = sorted(ranked[0].keys() & ranked[1].keys())
        return _correlation(*(_ranks([side[item] for item in both]) for side in ranked))

    # ---- what employers ask for

    def ksb_demand(self, row: Row, cells: list[Cell]) -> float | None:
        volumes, unnamed = self._demand(cells, row["kind"], row["level"])
        return unnamed if row["ksb_id"].startswith("unmapped.") else volumes[row["ksb_id"]]

    def ksb_supply(self, row: Row, cells: list[Cell]) -> float | None:
        volumes, unnamed = self._supply(cells, row["kind"], row["level"])
        return unnamed if row["ksb_id"].startswith("unmapped.") else volumes[row["ksb_id"]]

    def ksb_gap(self, row: Row, cells: list[Cell]) -> float | None:
        demand, supply = self._both(row, cells)
        return 100 * (demand.get(row["ksb_id"], 0) - supply.get(row["ksb_id"], 0))

    def mismatch_index(self, row: Row, cells: list[Cell]) -> float | None:
        demand, supply = self._both(row, cells)
        return sum(abs(demand.get(ksb, 0) - supply.get(ksb, 0)) for ksb in demand.keys() | supply.keys()) / 2

    def _both(self, row: Row, cells: list[Cell]) -> tuple[dict[str, float], dict[str, float]]:
        sides = [[cell for cell in cells if cell.role.startswith(side)] for side in ("demand:", "supply:")]
        demand = self._demand(sides[0], row["kind"], row["level"])[0]
        supply = self._supply(sides[1], row["kind"], row["level"])[0]
        return _shares(demand), _shares(supply)

    def _demand(self, cells: list[Cell], kind: str, level: str) -> tuple[dict[str, float], float]:
        """Volume by KSB, and of what names none: Σ weight of occupation × how much of its work is about it."""
        key = ("demand", frozenset(cells), kind, level)
        if key not in self._shares:
            self._shares[key] = self._volumes(self._weights(cells), *self._asked(cells, kind, level))
        return self._shares[key]

    @staticmethod
    def _volumes(weights: dict[str, float], incidence: dict[str, dict[str, float]], unnamed: dict[str, float]) -> tuple[dict[str, float], float]:
        volumes: dict[str, float] = defaultdict(float)
        for occupation, weight in weights.items():
            for ksb, share in incidence.get(occupation, {}).items():
                volumes[ksb] += max(weight, 0) * share
        return dict(volumes), sum(max(weight, 0) * unnamed.get(occupation, 0) for occupation, weight in weights.items())

    def _weights(self, cells: list[Cell]) -> dict[str, float]:
        """Weight by occupation: people in employment, openings a year or a year's adverts."""
        weights: dict[str, float] = {}
        for key, rows in self._by_key(cell for cell in cells if cell.role.endswith("weight")).items():
            if "measure" in rows[0]:
                held = [one["value"] for one in rows if one["measure"] == "value" and _is_own(one, self._fact(key))]
                weights |= {self._fact(key)["subgroup"]: value for value in held if value is not None}
            elif "net_change_thousands" in rows[0]:
                openings = _openings(_only(rows))
                weights |= {rows[0]["occupation_code"]: openings["openings"]} if openings["smallest"] >= 1000 else {}
            else:
                for one in rows:
                    if one["occupation_level"] != "total" and one["soc_code"] != "Unknown" and one["adverts"] is not None:
                        code = one["soc_code"][:2] if one["occupation_level"] == "minor" else one["soc_code"]
                        weights[code] = weights.get(code, 0) + one["adverts"]
        return weights

    def _asked(self, cells: list[Cell], kind: str, level: str) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        """Incidence by occupation and KSB, and the share of each occupation's work that names none."""
        statements = frozenset(cell for cell in cells if cell.role.endswith(("statement", "achievements")))
        key = ("asked", statements, kind, level)
        if key not in self._shares:
            units = self._taught_to(statements, level) if kind == "behaviour" else self._worked(statements, kind, level)
            incidence = {unit: {name: share for name, share in named.items() if name} for unit, named in units.items()}
            unnamed = {unit: named.get("", 0) for unit, named in units.items()}
            for group in {unit[:2] for unit in units}:
                members = [unit for unit in units if unit[:2] == group]
                names = {name for unit in members for name in incidence[unit]}
                incidence[group] = {name: sum(incidence[unit].get(name, 0) for unit in members) / len(members) for name in names}
                unnamed[group] = sum(unnamed[unit] for unit in members) / len(members)
            self._shares[key] = incidence, unnamed
        return self._shares[key]

    def _worked(self, statements: Iterable[Cell], kind: str, level: str) -> dict[str, dict[str, float]]:
        """By unit group: the share of its tasks that names each KSB of a kind, and under "" the share that names none."""
        return {unit: _mass(self._tasks(unit, rows), kind, level) for unit, rows in self._by_key(statements).items()}

    def _tasks(self, unit: str, rows: list[Row]) -> list[tuple[float, Reading]]:
        related: dict[str, float] = defaultdict(float)
        for one in rows:
            if one.get("relatedness_status") == "ok":
                related[one["task_id"]] += one["relatedness"]
        groups = len({one["sug_code"] for one in rows if "sug_code" in one})
        read = [(1.0, self._reading(one["task"], None)) for one in rows if one.get("soc_code") == unit and "task" in one]
        texts = {one["task_id"]: one["task"] for one in rows if "task" in one and "task_id" in one}
        return read + [(weight / 100 / groups, self._reading(texts[task], None)) for task, weight in related.items() if weight > 0 and task in texts]

    def _taught_to(self, cells: Iterable[Cell], level: str) -> dict[str, dict[str, float]]:
        """By unit group: the share of apprentices trained for it whose standard asks for each behaviour, and under "" of what names none."""
        achieved = {
            reference: self._achieved(rows) for reference, rows in self._by_key(cell for cell in cells if cell.relation == "standard_achievements").items()
        }
        taught = self._statements(cells)
        trained: dict[str, dict[str, float]] = defaultdict(dict)
        for reference, people in achieved.items():
            trained[self._trains_for[reference]][reference] = people
        units: dict[str, dict[str, float]] = {}
        for unit, references in trained.items():
            units[unit] = defaultdict(float)
            for reference, people in references.items():
                readings = taught.get((reference, "behaviour"), [])
                for name in {name for one in readings for name in one.named("behaviour", level)}:
                    units[unit][name] += people / sum(references.values())
                units[unit][""] += people / sum(references.values()) * (_unnamed(readings, "behaviour", level) or 0)
        return units

    def _statements(self, cells: Iterable[Cell]) -> dict[tuple[str, str], list[Reading]]:
        rows = self._by_key(cell for cell in cells if cell.relation == "standard_statements")
        return {(key.split("|")[0], key.split("|")[1]): [self._reading(one["text"], one["kind"]) for one in held] for key, held in rows.items()}

    @staticmethod
    def _achieved(rows: list[Row]) -> float:
        lower, upper = _total(_rounded(one, "achievements") for one in rows)
        return (lower + upper) / 2

    # ---- what training supplies

    def _supply(self, cells: list[Cell], kind: str, level: str) -> tuple[dict[str, float], float]:
        """Volume by KSB, and of what names none: Σ achievements (or starts) × whether a standard teaches it, or how many of a subject's do."""
        key = ("supply", frozenset(cells), kind, level)
        if key in self._shares:
            return self._shares[key]
        taught = {reference: held for (reference, of_kind), held in self._statements(cells).items() if of_kind == kind}
        subjects: dict[str, dict[str, float]] = defaultdict(dict)
        achieved = self._by_key(cell for cell in cells if cell.relation == "standard_achievements")
        for reference, rows in self._by_key(cell for cell in cells if cell.relation == "standard_subject").items():
            subject = _subject(rows[0]["ssa1"] or rows[0]["ssa2"] or next((one["ssa_tier_1"] for one in achieved.get(reference, [])), ""))
            subjects[subject][reference] = self._achieved(achieved[reference]) if achieved.get(reference) else 0
        volumes: dict[str, float] = defaultdict(float)
        unnamed = 0.0
        for key_of_weight, rows in self._by_key(cell for cell in cells if cell.role.endswith("weight")).items():
            reference = key_of_weight.split("|")[-1]
            [column] = {column for cell in cells if cell.key == key_of_weight and cell.role.endswith("weight") for column in cell.columns} - {"ssa_tier_1"}
            lower, upper = _total(_rounded(one, column) for one in rows)
            people = (lower + upper) / 2
            members = subjects[_letters(reference.removeprefix("ssa1:"))] if reference.startswith("ssa1:") else {reference: 1.0}
            members = members if any(members.values()) else dict.fromkeys(members, 1.0)
            for member, weight in members.items():
                for name in {name for one in taught.get(member, []) for name in one.named(kind, level)}:
                    volumes[name] += people * weight / sum(members.values())
            if reference not in self._with_statements and not reference.startswith("ssa1:"):
                unnamed += people
                continue
            shares = {member: _unnamed(taught.get(member, []), kind, level) for member in members}
            of = sum(weight for member, weight in members.items() if shares[member] is not None)
            if of:
                unnamed += people * sum(weight * shares[member] for member, weight in members.items() if shares[member] is not None) / of
            elif reference.startswith("ssa1:") and not members:
                unnamed += people
        self._shares[key] = dict(volumes), unnamed
        return self._shares[key]

    # ---- comparisons

    def location_quotient(self, row: Row, cells: list[Cell]) -> float | None:
        sides = [[cell for cell in cells if cell.role.split(":")[0] == side] for side in ("area", "comparator")]
        if row["item_kind"] == "ksb":
            held = [self._demand(side, row["item"].split(".")[0], row["level"])[0] for side in sides]
            amounts, totals = [side.get(row["item"], 0) for side in held], [sum(side.values()) for side in held]
        elif row["basis"] == "new_adverts":
            held = [self._months(side) for side in sides]
            amounts = [sum(count for (code, _), count in side.items() if code == row["item"]) for side in held]
            totals = [sum(side.values()) for side in held]
        else:
            amounts = [self._count([cell for cell in cells if cell.role == side]) for side in ("area", "comparator")]
            totals = [self._count([cell for cell in cells if cell.role == f"{side}: total"]) for side in ("area", "comparator")]
        if totals[0] > 0.05 * totals[1]:
            amounts[1], totals[1] = amounts[1] - amounts[0], totals[1] - totals[0]
        return (amounts[0] / totals[0]) / (amounts[1] / totals[1])

    def _count(self, cells: list[Cell]) -> float:
        fact = self._fact(cells[0].key)
        return _only([one for one in self._rows(cells) if one.get("measure") != "confidence" and _is_own(one, fact)])["value"]

    def _months(self, cells: list[Cell]) -> dict[tuple[str, Any], float]:
        """New adverts by sub-major group and month."""
        counts: dict[tuple[str, Any], float] = {}
        for key, rows in self._by_key(cells).items():
            fact = self._fact(key)
            known = sum(one["adverts"] or 0 for one in rows)
            counts[fact["subgroup"], fact["period_start"]] = fact["amount"] if fact["is_tightened"] else known
        return counts

    def local_in_demand(self, row: Row, cells: list[Cell]) -> float | None:
        own = self._indicators([cell for cell in cells if cell.role.startswith("own series")])[row["soc_code"]]
        others = self._indicators([cell for cell in cells if cell.role.startswith("other occupations")])
        scaled = []
        for indicator, values in own.items():
            period = None if indicator == "openings_rate" else row["period_start"]
            peers = [one[indicator][period] for code, one in others.items() if code in self._listed and period in one[indicator]]
            history = [value for start, value in values.items() if start is not None and _months_between(start, row["period_start"]) >= 3]
            if len(history) >= 12 and _spread(history) > 0:
                peers = history
            if period in values and (peers is history or len(peers) >= 5) and _spread(peers) > 0:
                scaled.append((values[period] - median(peers)) / _spread(peers))
        return sum(scaled) / len(scaled) if len(scaled) >= 3 else None

    def _indicators(self, cells: list[Cell]) -> dict[str, dict[str, dict[Any, float]]]:
        """Indicators by occupation and first day of their three months; of openings, which have none, under None."""
        found: dict[str, dict[str, dict[Any, float]]] = defaultdict(lambda: {"advert_density": {}, "advert_growth": {}, "openings_rate": {}})
        means: dict[str, dict[Any, float]] = defaultdict(dict)
        for key, rows in self._by_key(cell for cell in cells if cell.role.endswith("adverts")).items():
            if len({one["period_start"] for one in rows}) == 3:
                means[self._fact(key)["subgroup"]][self._fact(key)["period_start"]] = sum(one["adverts"] or 0 for one in rows) / 3
        employed: dict[str, dict[Any, float]] = defaultdict(dict)
        for key, rows in self._by_key(cell for cell in cells if cell.role.endswith("employment")).items():
            fact = self._fact(key)
            held = [one["value"] for one in rows if one["measure"] == "value" and _is_own(one, fact)]
            if any(held):
                employed[fact["subgroup"]][fact["period_end"]] = max(held)
        for one in self._rows(cell for cell in cells if cell.role.endswith("openings")):
            openings = _openings(one)
            if openings["smallest"] >= 1000:
                found[one["occupation_code"]]["openings_rate"][None] = openings["openings"] / (1000 * one["employment_base_thousands"])
        for code, by_start in means.items():
            for start, mean in by_start.items():
                ended = [end for end in employed[code] if (end.year, end.month) <= _later(start, 2)]
                if ended:
                    found[code]["advert_density"][start] = mean / employed[code][max(ended)]
                before = by_start.get(start.replace(year=start.year - 1))
                if before and mean:
                    found[code]["advert_growth"][start] = math.log(mean / before)
        return found

    def ksb_signal(self, row: Row, cells: list[Cell]) -> float | None:
        """Share of the newest quarter less that of the same quarter a year before."""
        incidence, _ = self._asked(cells, row["kind"], row["level"])
        rows = self._rows(cell for cell in cells if cell.role == "weight")
        withheld = {(one["area_code"], one["soc_code"]) for one in rows if one["adverts"] is None}
        newest = max(one["period_start"] for one in rows)
        weights: dict[int, dict[str, float]] = {0: defaultdict(float), 4: defaultdict(float)}
        for one in rows:
            age = _months_between(one["period_start"], newest) // 3
            if age in weights and (one["area_code"], one["soc_code"]) not in withheld:
                weights[age][one["soc_code"][:2] if one["occupation_level"] == "minor" else one["soc_code"]] += one["adverts"]
        now, before = (_shares(self._volumes(weights[age], incidence, {})[0]).get(row["ksb_id"], 0) for age in (0, 4))
        return 100 * (now - before)

    # ---- what is no cell: keys of other marts, and models' answers

    def _fact(self, key: str) -> Row:
        return self._facts[key]

    @cached_property
    def _facts(self) -> dict[str, Row]:
        rows = self.evidence.query(
            "select row_key, subgroup, breakdown, area_code, boundary_version, period_start, period_end, coalesce(value, lower) as amount,"
            " lower is distinct from untightened_lower or upper is distinct from untightened_upper as is_tightened from intermediate.int_indicator"
        )
        return {row["row_key"]: row for row in rows}

    @cached_property
    def _trains_for(self) -> dict[str, str]:
        return {row["reference"]: row["soc_code"] for row in self.evidence.query("select reference, soc_code from derived.standard_occupation where rank = 1")}

    @cached_property
    def _with_statements(self) -> set[str]:
        rows = self.evidence.query("select distinct unit_code from marts.ksb_statement where side = 'supply' and weight is not null")
        return {row["unit_code"] for row in rows}

    @cached_property
    def _listed(self) -> set[str]:
        rows = self.evidence.query("select soc_code, title from raw.ons__soc2020_groups where level = 'sub_major' and _known_to is null")
        return {row["soc_code"] for row in rows if "n.e.c." not in row["title"].lower()}

    @cached_property
    def _answers(self) -> dict[tuple[str, str | None], tuple[list[Row], Row | None]]:
        matches: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        for row in self.evidence.query("select * from derived.ksb_match order by rank"):
            matches[row["text_sha256"], row["kind_given"]].append(row)
        links = {(row["text_sha256"], row["kind_given"]): row for row in self.evidence.query("select * from derived.ksb_link")}
        return {key: (held, links.get(key)) for key, held in matches.items()}

    def _reading(self, text: str, kind: str | None) -> Reading:
        return Reading(*self._answers.get((hashlib.sha256(text.encode()).hexdigest(), kind), ([], None)), kind)


class Reading:
    """What the matcher and the linker said of one text."""

    def __init__(self, matches: list[Row], link: Row | None, given: str | None) -> None:
        first = matches[0] if matches else {"ksb_id": None, "kind": given, "method": "abstain", "reason": ""}
        self.kind = first["kind"] or given
        rejected = first["method"] == "override" or (first["method"] == "abstain" and (first["reason"] or "").startswith("not a KSB"))
        self.is_none = first["ksb_id"] is None and rejected
        is_placed = link is not None and link["level"] in ("skill", "group")
        self.links: dict[str, list[tuple[str, str | None]]] = {"area": [], "group": []}
        for rank, match in enumerate(matches or [first], start=1):
            method = "link" if match["method"] == "default" and rank == 1 and match["kind"] != "behaviour" and is_placed else match["method"]
            counts = method in COUNTED and match["ksb_id"] is not None
            self.links["area"].append((match["kind"] or given, match["ksb_id"] if counts else None))
        if link is not None and not self.is_none:
            for one in ("knowledge", "skill"):
                if (given == one) if given is not None else self.kind != "behaviour":
                    counts = is_placed and link["method"] in COUNTED
                    self.links["group"].append((one, f"{one}.uk_ssc.{_slug(link['skill_group'])}" if counts else None))

    def named(self, kind: str, level: str) -> set[str]:
        return {name for of_kind, name in self.links[level] if of_kind == kind and name is not None}

    def is_unnamed(self, kind: str, level: str) -> bool:
        """Whether it could be of the kind but names nothing of it."""
        possible = any(name is None and (of_kind == kind if of_kind is not None else kind != "behaviour") for of_kind, name in self.links[level])
        return possible and not self.named(kind, level)


def _mass(tasks: list[tuple[float, Reading]], kind: str, level: str) -> dict[str, float]:
    tasks = [(weight, reading) for weight, reading in tasks if not reading.is_none]
    whole = sum(weight for weight, _ in tasks)
    mass: dict[str, float] = defaultdict(float)
    for weight, reading in tasks:
        for name in reading.named(kind, level):
            mass[name] += weight / whole
        mass[""] += weight / whole if reading.is_unnamed(kind, level) else 0
    return mass


def _unnamed(readings: list[Reading], kind: str, level: str) -> float | None:
    """Share of statements that name nothing of a kind; None where there are none of it."""
    held = [one for one in readings if not one.is_none]
    named, unnamed = sum(bool(one.named(kind, level)) for one in held), sum(one.is_unnamed(kind, level) for one in held)
    return unnamed / (named + unnamed) if named + unnamed else None


def _is_own(raw: Row, fact: Row) -> bool:
    """Whether a raw row is the figure itself, where the cells of others that bound it are cited too."""
    return raw.get("asked_area") == fact["area_code"] and raw["asked_boundary_version"] == fact["boundary_version"]


def _openings(raw: Row) -> dict[str, float]:
    years = raw["horizon_year"] - raw["base_year"]
    return {
        "openings": 1000 * (raw["net_change_thousands"] + raw["replacement_demand_thousands"]) / years,
        "smallest": 1000 * min(raw["employment_base_thousands"], raw["employment_horizon_thousands"]),
    }


def _only(rows: Iterable[Any]) -> Any:
    [one] = rows
    return one


def _rounded(row: Row, column: str) -> Interval:
    """Volumes are rounded to 10; `low` is 1 to 4, `c` 0 to 4, so that a published 0 is a true 0."""
    value, status = row[column], row[f"{column}_status"]
    if status in ("low", "c"):
        return (1 if status == "low" else 0), 4
    return (0, 0) if value == 0 else (max(value - 5, 0), value + 5)


def _counted(row: Row, part: str, whole: str) -> Interval:
    if row[part] is not None:
        return row[part], row[part]
    return (1, 4) if row[f"{part}_status"] == "low" else (0, row[whole])


def _total(intervals: Iterable[Interval]) -> tuple[float, float]:
    held = list(intervals)
    return sum(one[0] for one in held), sum(one[1] for one in held)


def _middle(interval: tuple[float, float]) -> float:
    return (interval[0] + interval[1]) / 2


def _shares(volumes: dict[str, float]) -> dict[str, float]:
    total = sum(volumes.values())
    return {name: volume / total for name, volume in volumes.items()} if total else {}


def _ranks(values: list[float]) -> list[float]:
    return [1 + sum(other > value for other in values) + (sum(other == value for other in values) - 1) / 2 for value in values]


def _correlation(one: list[float], other: list[float]) -> float:
    means = sum(one) / len(one), sum(other) / len(other)
    pairs = [(a - means[0], b - means[1]) for a, b in zip(one, other, strict=True)]
    return sum(a * b for a, b in pairs) / math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))


def _spread(values: list[float]) -> float:
    middle = median(values)
    return 1.4826 * median(abs(value - middle) for value in values)


def _months_between(earlier: Any, later: Any) -> int:
    return 12 * (later.year - earlier.year) + later.month - earlier.month


def _later(start: Any, months: int) -> tuple[int, int]:
    years, month = divmod(start.month - 1 + months, 12)
    return start.year + years, month + 1


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().replace("&", "and"))


def _subject(title: str) -> str:
    return SUBJECTS.get(_letters(title), _letters(title))


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower().replace("+", " plus ").replace("#", " sharp ")).strip("_")
