with

employment as (

    select * from {{ ref('int_employment') }}

),

projection as (

    select * from {{ ref('int_projection') }}

),

openings as (

    select * from {{ ref('int_openings') }}

),

apprenticeships as (

    select * from {{ ref('int_apprenticeship') }}

),

metrics as (

    select * from {{ ref('metric') }}

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
        later.known_to

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
        'employment' as metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        value,
        lower,
        upper,
        interval_kind,
        status,
        release_id,
        is_sample,
        known_from,
        known_to

    from employment

    union all

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
        null as lower,
        null as upper,
        'none' as interval_kind,
        status,
        release_id,
        is_sample,
        known_from,
        known_to

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
        null as lower,
        null as upper,
        'none' as interval_kind,
        status,
        release_id,
        is_sample,
        known_from,
        known_to

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
        null as lower,
        null as upper,
        'none' as interval_kind,
        status,
        release_id,
        is_sample,
        known_from,
        known_to

    from openings
    {% endfor %}
    union all

    select
        metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        value,
        lower,
        upper,
        case when lower is null then 'none' else 'bound' end as interval_kind,
        status,
        release_id,
        is_sample,
        known_from,
        known_to

    from apprenticeships

),

joined as (

    select
        {{ row_key([
            'unioned.metric',
            'unioned.breakdown',
            'unioned.subgroup',
            'unioned.area_code',
            'unioned.boundary_version',
            'unioned.period_start',
            'unioned.period_end',
            'unioned.release_id',
        ]) }} as row_key,

        -- grain
        unioned.metric,
        unioned.breakdown,
        unioned.subgroup,
        unioned.subgroup_label,
        unioned.area_code,
        unioned.boundary_version,
        unioned.period_start,
        unioned.period_end,
        unioned.period_label,

        -- numbers
        case when unioned.status in {{ statuses_with_value() }} then unioned.value end as value,
        unioned.lower,
        unioned.upper,
        unioned.interval_kind,
        cast(null as double) as base,
        unioned.status,
        cast(null as double) as coverage,
        metrics.unit,

        -- provenance
        '{{ var("method_version") }}' as method_version,
        unioned.known_from,
        unioned.known_to,
        unioned.release_id,
        unioned.is_sample

    from unioned
    inner join metrics on unioned.metric = metrics.metric

)

select * from joined
