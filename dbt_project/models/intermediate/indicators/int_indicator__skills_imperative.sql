with

projection as (

    select
        *,
        {{ cited('skills_imperative__employment') }} as sources

    from {{ ref('int_projection') }}

),

openings as (

    select
        *,
        {{ cited('skills_imperative__replacement_demand') }} as sources

    from {{ ref('int_openings') }}

),

-- growth between two years of one series of one release: year on year, and over the spans people quote
growth as (

    select
        spans.metric,
        later.area_code,
        later.boundary_version,
        later.breakdown,
        later.subgroup,
        later.subgroup_label,
        earlier.year as base_year,
        later.year,
        100 * (later.employment / nullif(earlier.employment, 0) - 1) as growth,
        case
            when later.status = 'x' or earlier.status = 'x' then 'x'
            when earlier.employment = 0 then 'z'
            when later.status = 'low_reliability' then later.status
            else earlier.status
        end as status,
        later.release_id,
        later.is_sample,
        later.known_from,
        later.known_to,
        later.coverage,
        list_concat(earlier.sources, later.sources) as sources

    from projection as later
    inner join (
        values
        ('employment_projection_annual_growth', null, null),
        ('employment_projection_growth_2020_2035', 2020, 2035),
        ('employment_projection_growth_2024_2035', 2024, 2035)
    ) as spans (metric, base_year, horizon_year)
        on later.year = coalesce(spans.horizon_year, later.year)
    inner join projection as earlier
        on
            later.release_id = earlier.release_id
            and later.area_code = earlier.area_code
            and later.boundary_version = earlier.boundary_version
            and later.breakdown = earlier.breakdown
            and later.subgroup = earlier.subgroup
            and earlier.year = coalesce(spans.base_year, later.year - 1)

),

unioned as (

    select
        'employment_projection' as metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        make_date(cast(year as integer), 1, 1) as period_start,
        make_date(cast(year as integer), 12, 31) as period_end,
        cast(year as varchar) as period_label,
        employment as value,
        status,
        release_id,
        is_sample,
        known_from,
        known_to,
        coverage,
        sources

    from projection

    union all

    select
        metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        make_date(cast(base_year as integer), 1, 1) as period_start,
        make_date(cast(year as integer), 12, 31) as period_end,
        base_year || '-' || year as period_label,
        growth as value,
        status,
        release_id,
        is_sample,
        known_from,
        known_to,
        coverage,
        sources

    from growth
    {% for measure in ['net_change', 'replacement_demand', 'total_requirement'] %}
    union all

    select
        '{{ measure }}' as metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        {{ measure }} as value,
        status,
        release_id,
        is_sample,
        known_from,
        known_to,
        coverage,
        sources

    from openings
    {% endfor %}
),

shaped as (

    select
        *,
        null as measure_basis,
        null as lower,
        null as upper,
        'none' as interval_kind,
        null as base

    from unioned

)

select {{ indicator_columns() }}

from shaped
