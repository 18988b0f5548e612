with

counts as (

    select * from {{ ref('stg_adverts__advert_counts') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

groups as (

    select
        soc_code,
        title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null

),

cells as (

    select
        'total' as breakdown,
        'Total' as subgroup,
        *

    from counts

    union all

    select
        'occupation_unit' as breakdown,
        soc_code as subgroup,
        *

    from counts

    union all

    -- SOC 2020 codes nest: the first two digits are the sub-major group
    select
        'occupation_sub_major' as breakdown,
        case when soc_code = 'Unknown' then soc_code else left(soc_code, 2) end as subgroup,
        *

    from counts

),

-- what has no row was not advertised in the extract, so a district is absent only if it has no row at all
present as (

    select
        places.area_code,
        places.boundary_version,
        counts.release_id,
        count(distinct counts.area_code) as places_present

    from counts
    inner join places on counts.area_code = places.place_code
    group by all

),

summed as (

    select
        cells.breakdown,
        cells.subgroup,
        places.area_code,
        places.boundary_version,
        places.places,
        make_date(cast(left(cells.month, 4) as integer), cast(right(cells.month, 2) as integer), 1) as period_start,
        sum(cells.value) as adverts,
        bool_and(cells.status = 'ok') as is_whole_month,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to,
        {{ cited_all('adverts__advert_counts', 'cells') }} as sources

    from cells
    inner join places on cells.area_code = places.place_code
    group by all

),

published as (

    select
        'online_job_adverts' as metric,
        'licensed_extract' as measure_basis,
        summed.breakdown,
        summed.subgroup,
        case when summed.subgroup = 'Unknown' then 'Unknown occupation' else coalesce(groups.title, summed.subgroup) end as subgroup_label,
        summed.area_code,
        summed.boundary_version,
        summed.period_start,
        last_day(summed.period_start) as period_end,
        strftime(summed.period_start, '%b %Y') as period_label,
        summed.adverts as value,
        -- a month the extract does not span, or a district it does not have, can only add adverts
        case when not (summed.is_whole_month and present.places_present = summed.places) then summed.adverts end as lower,
        null as upper,
        case when summed.is_whole_month and present.places_present = summed.places then 'none' else 'bound' end as interval_kind,
        null as base,
        case when summed.is_whole_month and present.places_present = summed.places then 'ok' else 'partial' end as status,
        null as coverage,
        summed.release_id,
        summed.is_sample,
        summed.known_from,
        summed.known_to,
        summed.sources

    from summed
    inner join present using (area_code, boundary_version, release_id)
    left join groups on summed.subgroup = groups.soc_code

)

select {{ indicator_columns() }}

from published
