with

counts as (

    select * from {{ ref('stg_nomis__business_counts') }}

),

places as (

    select distinct
        area_code,
        boundary_version,
        places

    from {{ ref('int_area_place') }}

),

shaped as (

    select
        counts.unit || '_count' as metric,
        case
            when counts.industry_code <> 'Total' then 'industry_section'
            when counts.size_band <> '0' then 'size_band'
            else 'total'
        end as breakdown,
        case when counts.industry_code = 'Total' and counts.size_band <> '0' then counts.size_band else counts.industry_code end as subgroup,
        case when counts.industry_code = 'Total' then counts.size_band_name else counts.industry_label end as subgroup_label,
        null as measure_basis,
        counts.area_code,
        counts.boundary_version,
        counts.period_start,
        counts.period_end,
        counts.period_label,
        counts.value,
        -- figures are rounded to 5; whether a user-defined area's districts are rounded before they are added is not known, so each may be 2.5 off
        greatest(counts.value - 2.5 * places.places, 0) as lowest,
        counts.value + 2.5 * places.places as upper,
        case when counts.value is null then 'none' else 'bound' end as interval_kind,
        null as base,
        counts.status,
        null as coverage,
        counts.release_id,
        counts.is_sample,
        counts.known_from,
        counts.known_to,
        {{ cited('nomis__business_counts', 'counts') }} as sources

    from counts
    inner join places using (area_code, boundary_version)

),

bounded as (

    select
        *,
        -- greatest() passes over NULL, so a missing figure would have 0
        case when value is not null then lowest end as lower

    from shaped

)

select {{ indicator_columns() }}

from bounded
