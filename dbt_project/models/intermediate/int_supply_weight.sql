with

standards as (

    select * from {{ ref('int_apprenticeship') }}
    where known_to is null and breakdown = 'standard'

),

subjects as (

    select * from {{ ref('int_supply_subject') }}

),

-- achievements of a region or of England are published by subject only
by_standard as (

    select distinct
        area_code,
        boundary_version

    from standards

),

candidates as (

    select
        area_code,
        boundary_version,
        'attained' as basis,
        'apprenticeships' as provision,
        'standard' as method,
        time_period,
        is_full_year,
        period_label,
        subgroup as reference,
        estimate as achievements,
        lower,
        -- the simulation draws between the bounds of the districts that are there
        2 * estimate - lower as upper,
        status,
        is_complete,
        period_start,
        period_end

    from standards

    union all

    select
        subjects.area_code,
        subjects.boundary_version,
        case when subjects.measure = 'achievements' then 'attained' else 'on_offer' end as basis,
        subjects.provision,
        'ssa_mean' as method,
        subjects.time_period,
        subjects.is_full_year,
        subjects.period_label,
        subjects.reference,
        subjects.estimate as achievements,
        subjects.lower,
        subjects.upper,
        subjects.status,
        subjects.is_complete,
        subjects.period_start,
        subjects.period_end

    from subjects
    left join by_standard using (area_code, boundary_version)
    where subjects.measure <> 'achievements' or subjects.provision <> 'apprenticeships' or by_standard.area_code is null

),

-- one year for both provisions: a full year before a year to date, one that both have before one that only one has, then the latest
years as (

    select
        area_code,
        boundary_version,
        basis,
        time_period,
        is_full_year

    from candidates
    group by 1, 2, 3, 4, 5
    qualify
        row_number() over (
            partition by area_code, boundary_version, basis
            order by is_full_year desc, count(distinct provision) desc, time_period desc
        ) = 1

)

select
    candidates.area_code,
    candidates.boundary_version,
    candidates.basis,
    candidates.provision,
    candidates.method,
    candidates.period_label,
    candidates.reference,
    candidates.achievements,
    candidates.lower,
    candidates.upper,
    candidates.status,
    candidates.is_complete,
    candidates.period_start,
    candidates.period_end

from candidates
inner join years using (area_code, boundary_version, basis, time_period, is_full_year)
