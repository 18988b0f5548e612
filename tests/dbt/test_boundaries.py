"""Areas are sets of districts valid for a time: mass is conserved whatever the boundaries, and a best fit is shown as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt.conftest import Built
from tests.dbt.test_suppression import compiled, load_starts, published

pytestmark = pytest.mark.evidence

PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
OLD, NEW = ("E69000020", "LSIP23"), ("E69000043", "LSIP25")

Area = tuple[str, str]


@st.composite
def boundaries(draw: st.DrawFn) -> dict[Area, set[str]]:
    """Areas of one to four versions, each of which divides the same districts among its areas; a code can mean another set in another version."""
    districts = [f"D{number}" for number in range(draw(st.integers(1, 8)))]
    areas: dict[Area, set[str]] = defaultdict(set)
    for version in range(draw(st.integers(1, 4))):
        for district in districts:
            areas[f"A{draw(st.integers(0, 3))}", f"V{version}"].add(district)
    return dict(areas)


@contextmanager
def geography(areas: dict[Area, set[str]], employment: dict[str, int] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the seeds of the areas and their districts, and what the census gives for districts."""
    districts = sorted(set().union(*areas.values()))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 1")
        columns = "area_code varchar, boundary_version varchar, area_name varchar, area_type varchar, valid_from date, valid_to date"
        connection.execute(f"create table area ({columns})")
        connection.execute("create table area_district (area_code varchar, boundary_version varchar, district_code varchar)")
        versions = {version: number for number, version in enumerate(sorted({version for _, version in areas}))}
        for (code, version), members in areas.items():
            year = 2020 + versions[version]
            connection.execute("insert into area values (?, ?, ?, 'LSIP', ?, ?)", [code, version, f"{code} {version}", f"{year}-01-01", f"{year + 1}-01-01"])
            connection.executemany("insert into area_district values (?, ?, ?)", [(code, version, district) for district in sorted(members)])
        connection.executemany("insert into area values (?, 'LAD23', ?, 'LAD', null, null)", [(district, district) for district in districts])
        connection.executemany("insert into area_district values (?, 'LAD23', ?)", [(district, district) for district in districts])
        connection.execute("create table stg_nomis__census_2021 (area_code varchar, topic varchar, category varchar, value double, known_to timestamptz)")
        for district, people in (employment or {}).items():
            connection.execute("insert into stg_nomis__census_2021 values (?, 'occupation', 'Total', ?, null)", [district, people])
        yield connection


@PROPERTY
@given(boundaries(), st.lists(st.integers(1, 100_000), min_size=8, max_size=8), st.integers(0, 2))
def test_the_shares_of_an_area_in_any_version_that_divides_its_districts_sum_to_1(
    built: Built, areas: dict[Area, set[str]], people: list[int], unheld: int
) -> None:
    employment = dict(zip(sorted(set().union(*areas.values()))[unheld:], people, strict=False))
    with geography(areas, employment) as connection:
        found = connection.execute(
            "select (area_code, boundary_version), (other_area_code, other_boundary_version), common_districts, share_of_districts, share_of_employment, "
            f"overlap, basis, is_successor from ({compiled(built, 'int_area_overlap')}) where area_type = 'LSIP' and other_area_type = 'LSIP'"
        ).fetchall()
    pairs = {(one, other): rest for one, other, *rest in found}
    assert set(pairs) == {(one, other) for one in areas for other in areas if one != other and areas[one] & areas[other]}
    for one, members in areas.items():
        for version in {version for _, version in areas} - {one[1]}:
            others = [pairs[one, other] for other in areas if other[1] == version and areas[other] & members]
            assert sum(by_districts for _, by_districts, *_ in others) == pytest.approx(1, abs=1e-9)
            if members <= set(employment):
                assert sum(by_employment for _, _, by_employment, *_ in others) == pytest.approx(1, abs=1e-9)
            else:
                assert {by_employment for _, _, by_employment, *_ in others} == {None}
    for (one, other), (common, _, _, overlap, basis, is_successor) in pairs.items():
        either, both = areas[one] | areas[other], areas[one] & areas[other]
        is_held = either <= set(employment)
        weight = employment if is_held else dict.fromkeys(either, 1)
        assert (common, basis) == (len(both), "employment" if is_held else "districts")
        assert overlap == pytest.approx(sum(weight[name] for name in both) / sum(weight[name] for name in either), abs=1e-9)
        assert overlap == pairs[other, one][3], "it is the same from either side"
        assert is_successor is (int(other[1][1:]) == int(one[1][1:]) + 1)


@PROPERTY
@given(boundaries(), st.lists(st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 3000)), min_size=8, max_size=8))
def test_counts_keep_their_mass_whatever_areas_the_districts_are_divided_into(built: Built, areas: dict[Area, set[str]], counts: list[int]) -> None:
    districts = sorted(set().union(*areas.values()))
    cells = [published(("r", "m", "total", "Total", (name, "")), truth, rounded=True, hidden=False) for name, truth in zip(districts, counts, strict=False)]
    rows = [{"area_code": cell.area[0], "time_period": "202425", "starts": cell.value, "starts_status": cell.status} for cell in cells]
    with geography(areas) as connection:
        connection.execute(f"create table int_area_place as {compiled(built, 'int_area_place')}")
        load_starts(connection, built, rows)
        found = connection.execute(
            f"select (area_code, boundary_version), lower, upper from ({compiled(built, 'int_apprenticeship')}) where metric = 'apprenticeship_starts'"
        ).fetchall()
    ends = {area: rest for area, *rest in found}
    assert set(ends) == {*areas, *((name, "LAD23") for name in districts)}
    whole = [sum(cell.lower for cell in cells), sum(cell.upper for cell in cells)]
    for version in {version for _, version in ends}:
        parts = [end for area, end in ends.items() if area[1] == version]
        assert [sum(lower for lower, _ in parts), sum(upper for _, upper in parts)] == whole
        assert whole[0] <= sum(cell.truth for cell in cells) <= whole[1]


@PROPERTY
@given(boundaries(), st.data())
def test_a_best_fit_is_the_largest_overlap_and_only_of_what_a_release_does_not_give(built: Built, areas: dict[Area, set[str]], data: st.DataObject) -> None:
    releases = {f"r{number}": data.draw(st.sets(st.sampled_from(sorted(areas)))) for number in range(3)}
    with geography(areas) as connection:
        connection.execute(f"create table int_area_overlap as {compiled(built, 'int_area_overlap')}")
        for table in ("employment", "replacement_demand"):
            connection.execute(f"create table stg_skills_imperative__{table} (release_id varchar, area_kind varchar, area_name varchar)")
            named = [(release, "LSIP", " ".join(area)) for release, given_areas in releases.items() for area in sorted(given_areas)]
            # a former enterprise partnership bears the same name and is no LSIP
            for row in [*named, *((release, "LEP", name) for release, _, name in named)]:
                connection.execute(f"insert into stg_skills_imperative__{table} values (?, ?, ?)", list(row))
        found = connection.execute(
            f"select release_id, area_name, (area_code, boundary_version), boundary_fit, coverage from ({compiled(built, 'int_area_fit')})"
        ).fetchall()
    assert len({(release, area) for release, _, area, *_ in found}) == len(found), "an area has one figure in a release"
    fits = {(release, area): (name, fit, coverage) for release, name, area, fit, coverage in found}

    def overlap(one: Area, other: Area) -> float:
        return len(areas[one] & areas[other]) / len(areas[one] | areas[other])

    for release, held in releases.items():
        for area in areas:
            best = max((overlap(area, other) for other in held), default=0)
            if area in held:
                assert fits[release, area] == (" ".join(area), "exact", None)
            elif best < 0.8:
                assert (release, area) not in fits
            else:
                name, fit, coverage = fits[release, area]
                assert name == fit.replace("/", " ")
                assert coverage == pytest.approx(best) == pytest.approx(overlap(area, tuple(fit.split("/"))))


def test_the_new_area_has_the_old_areas_projections_as_its_best_fit_and_shows_it(marts: duckdb.DuckDBPyConnection) -> None:
    def rows(area: Area, grain: str) -> dict:
        found = marts.execute(
            "select key, vintage, value, status, reliability, boundary_fit, coverage from marts.forecast_demand "
            "where area_code = ? and boundary_version = ? and grain = ?",
            [*area, grain],
        ).fetchall()
        return {(key, vintage): rest for key, vintage, *rest in found}

    (share,) = marts.execute(
        "select overlap from marts.area_overlap where (area_code, boundary_version, other_area_code, other_boundary_version) = (?, ?, ?, ?)", [*NEW, *OLD]
    ).fetchone()
    assert share == pytest.approx(8 / 9), "the toy has no census, so districts are counted"
    old, new = rows(OLD, "occupation"), rows(NEW, "occupation")
    assert old and set(old) == set(new)
    for key, (value, status, reliability, fit, coverage) in old.items():
        assert (fit, coverage) == ("exact", None)
        assert new[key] == [value, {"ok": "partial"}.get(status, status), reliability, "E69000020/LSIP23", share], "unscaled, and as reliable as it was"
    assert {status for _, status, *_ in new.values()} == {"partial", "x"}
    old, new = rows(OLD, "ksb"), rows(NEW, "ksb")
    assert old and set(old) == set(new)
    for key, (value, _, _, _, coverage) in old.items():
        assert new[key][0] == value and new[key][1] == "partial" and new[key][3] == "E69000020/LSIP23"
        assert new[key][4] == pytest.approx(coverage * share)


def test_what_is_computed_of_a_best_fit_carries_the_share_that_was_seen(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select old.coverage, new.coverage, old.share, new.share from marts.ksb_demand as old inner join marts.ksb_demand as new using (ksb_id, level, basis) "
        "where old.area_code = ? and new.area_code = ? and basis = 'openings' and old.share is not null",
        [OLD[0], NEW[0]],
    ).fetchall()
    assert found
    for old_coverage, new_coverage, old_share, new_share in found:
        assert new_coverage == pytest.approx(old_coverage * 8 / 9)
        assert new_share == old_share
    facts = marts.execute(
        "select distinct metric, boundary_fit, round(coverage, 9), status from marts.fct_indicator "
        "where area_code = ? and (metric like 'employment_projection%' or metric = 'total_requirement') and value is not null",
        [NEW[0]],
    ).fetchall()
    assert {(fit, coverage) for _, fit, coverage, _ in facts} == {("E69000020/LSIP23", round(8 / 9, 9))}
    assert {status for *_, status in facts} == {"partial"}
    assert len({metric for metric, *_ in facts}) == 5
    others = marts.execute(
        "select distinct boundary_fit from marts.fct_indicator inner join seeds.metric using (metric) where area_code <> ? or source_dataset <> ?",
        [NEW[0], "skills_imperative"],
    )
    assert others.fetchall() == [("exact",)]
