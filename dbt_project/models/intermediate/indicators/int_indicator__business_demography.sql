with

counts as (

    select
        *,
        area_code as place_code,
        -- rounded to 5; ONS marks what it withholds, so that a 0 is a count of 0 to 2
        case when enterprises is not null then greatest(enterprises - 2.5, 0) when status in ('c', 'low') then 0 end as enterprises_lower,
        enterprises + 2.5 as enterprises_upper

    from {{ ref('stg_ons__business_demography') }}

),

single_places as (

    select * from {{ ref('int_area_place') }}
    where places = 1

),

sums as (

    {{ area_sums('counts', 'ons__business_demography', by=['measure', 'year'], measures=['enterprises']) }}

),

figures as (

    select
        counts.measure,
        counts.year,
        single_places.area_code,
        single_places.boundary_version,
        counts.enterprises as value,
        case when counts.enterprises is not null then counts.enterprises_lower end as lower,
        counts.enterprises_upper as upper,
        counts.status,
        counts.release_id,
        counts.is_sample,
        counts.known_from,
        counts.known_to,
        {{ cited('ons__business_demography', 'counts') }} as sources

    from counts
    inner join single_places on counts.place_code = single_places.place_code

    union all

    select
        measure,
        year,
        area_code,
        boundary_version,
        {{ point_of('enterprises_lower', 'enterprises_upper') }} as value,
        enterprises_lower as lower,
        enterprises_upper as upper,
        case when {{ point_of('enterprises_lower', 'enterprises_upper') }} is not null then 'ok' else 'partial' end as status,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources

    from sums

),

rates as (

    select
        events.measure,
        events.year,
        events.area_code,
        events.boundary_version,
        100 * events.value / nullif(active.value, 0) as value,
        100 * events.lower / nullif(active.upper, 0) as lower,
        case when active.lower > 0 then 100 * events.upper / active.lower end as upper,
        case
            when active.value = 0 then 'z'
            when events.value is not null and active.value is not null then 'ok'
            when events.lower is not null and active.upper is not null then 'partial'
            else 'x'
        end as status,
        events.release_id,
        events.is_sample,
        events.known_from,
        events.known_to,
        list_concat(events.sources, active.sources) as sources

    from figures as events
    inner join figures as active
        on
            events.measure in ('births', 'deaths')
            and active.measure = 'active'
            and events.year = active.year
            and events.area_code = active.area_code
            and events.boundary_version = active.boundary_version
            and events.release_id = active.release_id

),

named as (

    select
        case measure when 'active' then 'active_businesses' else 'business_' || measure end as metric,
        *

    from figures

    union all

    select
        case measure when 'births' then 'business_birth_rate' else 'business_death_rate' end as metric,
        * replace (case when status not in ('z', 'x') then lower end as lower, case when status not in ('z', 'x') then upper end as upper)

    from rates

),

published as (

    select
        *,
        'total' as breakdown,
        'Total' as subgroup,
        'Total' as subgroup_label,
        null as measure_basis,
        make_date(cast(year as integer), 1, 1) as period_start,
        make_date(cast(year as integer), 12, 31) as period_end,
        cast(year as varchar) as period_label,
        case when lower is null then 'none' else 'bound' end as interval_kind,
        null as base,
        null as coverage

    from named

)

select {{ indicator_columns() }}

from published
