with

claims as (

    select
        *,
        string_split(item, ' ') as sector_ids

    from {{ ref('stated_claim') }}
    where check_id in ('sector_jobs', 'sector_quotient')

),

divisions as (

    select
        claims.claim_id,
        sectors.sic_division,
        sectors.share

    from claims
    inner join {{ ref('bridge_sector_sic') }} as sectors on list_contains(claims.sector_ids, sectors.sector_id)

),

-- of employees: the only basis that is held by industry
jobs as (

    select
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        period_end,
        period_label,
        value,
        release_id,
        known_from,
        is_sample

    from {{ ref('fct_indicator') }}
    where
        metric = 'jobs'
        and measure_basis = 'employees'
        and breakdown in ('total', 'industry')
        and known_to is null
        and value is not null

),

countries as (

    select
        area_code,
        boundary_version

    from {{ ref('dim_area') }}
    where area_type = 'country'

),

-- the last September before the plan; where none is held any more, the one nearest to it
periods as (

    select
        claims.claim_id,
        jobs.area_code,
        jobs.boundary_version,
        jobs.period_end

    from claims
    inner join jobs on claims.area_code = jobs.area_code and claims.boundary_version = jobs.boundary_version and jobs.breakdown = 'industry'
    qualify
        row_number() over (
            partition by claims.claim_id
            order by jobs.period_end > claims.as_of, abs(date_diff('day', claims.as_of, jobs.period_end))
        ) = 1

),

parts as (

    select
        periods.claim_id,
        divisions.sic_division,
        max(here.value * divisions.share) as amount,
        max(everywhere.value * divisions.share) as country_amount,
        max(here.period_label) as period_label,
        max(here.release_id) as release_id,
        max(here.known_from) as known_from,
        bool_or(here.is_sample) as is_sample

    from periods
    inner join divisions on periods.claim_id = divisions.claim_id
    inner join jobs as here
        on
            here.breakdown = 'industry'
            and divisions.sic_division = here.subgroup
            and periods.area_code = here.area_code
            and periods.boundary_version = here.boundary_version
            and periods.period_end = here.period_end
    left join countries on true
    left join jobs as everywhere
        on
            everywhere.breakdown = 'industry'
            and here.subgroup = everywhere.subgroup
            and countries.area_code = everywhere.area_code
            and countries.boundary_version = everywhere.boundary_version
            and here.period_end = everywhere.period_end
    group by 1, 2

),

wholes as (

    select
        periods.claim_id,
        max(case when jobs.area_code = periods.area_code then jobs.value end) as amount,
        max(case when jobs.area_code <> periods.area_code then jobs.value end) as country_amount

    from periods
    cross join countries
    inner join jobs
        on
            jobs.breakdown = 'total'
            and periods.period_end = jobs.period_end
            and (
                (periods.area_code = jobs.area_code and periods.boundary_version = jobs.boundary_version)
                or (countries.area_code = jobs.area_code and countries.boundary_version = jobs.boundary_version)
            )
    group by 1

),

summed as (

    select
        divisions.claim_id,
        count(*) as division_count,
        count(parts.sic_division) as held_count,
        sum(parts.amount order by divisions.sic_division) as amount,
        -- like with like: only divisions that both have
        sum(case when parts.country_amount is not null then parts.amount end order by divisions.sic_division) as compared_amount,
        sum(parts.country_amount order by divisions.sic_division) as country_amount,
        max(parts.period_label) as period_label,
        max(parts.release_id) as release_id,
        max(parts.known_from) as known_from,
        coalesce(bool_or(parts.is_sample), false) as is_sample

    from divisions
    left join parts on divisions.claim_id = parts.claim_id and divisions.sic_division = parts.sic_division
    group by 1

),

quotients as (

    select
        summed.*,
        claims.check_id,
        claims.item,
        (summed.compared_amount / nullif(wholes.amount, 0)) / nullif(summed.country_amount / nullif(wholes.country_amount, 0), 0) as quotient,
        sqrt(1 / nullif(summed.compared_amount, 0) - 1 / wholes.amount + 1 / nullif(summed.country_amount, 0) - 1 / wholes.country_amount) as standard_error

    from summed
    inner join claims on summed.claim_id = claims.claim_id
    left join wholes on summed.claim_id = wholes.claim_id

),

described as (

    select
        claim_id,
        case
            when check_id = 'sector_jobs' then amount is not null
            else quotient is not null and held_count >= {{ var('coverage_gate') }} * division_count
        end as is_held,
        case when check_id = 'sector_jobs' then amount else quotient end as recomputed_value,
        -- what is not held can only add
        case
            when check_id = 'sector_jobs' and held_count < division_count then amount
            when check_id = 'sector_quotient' then quotient * exp(-1.96 * standard_error)
        end as lower,
        case when check_id = 'sector_quotient' then quotient * exp(1.96 * standard_error) end as upper,
        case
            when check_id = 'sector_jobs' and held_count < division_count and amount is not null then 'bound'
            when check_id = 'sector_quotient' and quotient is not null then 'sampling'
            else 'none'
        end as interval_kind,
        cast(null as double) as base,
        held_count / division_count as coverage,
        case
            when amount is null then 'no jobs by industry are held of the area'
            when check_id = 'sector_jobs'
                then {{ claim_number('amount') }} || ' jobs in ' || period_label || ' in ' || held_count || ' of ' || division_count || ' divisions of the sectors'
            when quotient is null then 'no jobs by industry are held of the country to compare with'
            else
                'location quotient ' || format('{:.2f}', quotient) || ' (' || format('{:.2f}', quotient * exp(-1.96 * standard_error)) || ' to '
                || format('{:.2f}', quotient * exp(1.96 * standard_error)) || ') in ' || period_label || ' from ' || held_count || ' of '
                || division_count || ' divisions of the sector'
                || case when held_count < {{ var('coverage_gate') }} * division_count then ', too few to judge by' else '' end
        end as finding,
        case
            when check_id = 'sector_jobs' then 'fct_indicator: jobs of employees by industry, summed over bridge_sector_sic'
            else 'fct_indicator: jobs of employees by industry over total, against the country''s'
        end as evidence,
        period_label,
        release_id,
        known_from,
        is_sample

    from quotients

)

select {{ claim_finding_columns() }}

from described
