with

cells as (

    select * from {{ ref('int_apprenticeship_cell') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

-- the file by standard lists only what was achieved, so a district is absent only if it has no row at all
present as (

    select
        places.area_code,
        places.boundary_version,
        cells.raw_table,
        cells.release_id,
        cells.time_period,
        count(distinct cells.place_code) as places_present

    from cells
    inner join places on cells.place_code = places.place_code
    group by all

),

summed as (

    select
        cells.metric,
        cells.breakdown,
        cells.subgroup,
        max(cells.subgroup_label) as subgroup_label,
        places.area_code,
        places.boundary_version,
        cells.time_period,
        cells.is_full_year,
        cells.raw_table,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to,
        count(*) as cells,
        any_value(cells.value) as only_value,
        any_value(cells.status) as only_status,
        sum(cells.lower) as lower,
        sum(cells.upper) as upper,
        bool_and(cells.lower is not null) as is_bounded,
        count(distinct cells.place_code) as places_counted,
        list(
            {'raw_table': cells.raw_table, 'source_file': cells.source_file, 'source_row': cells.source_row}
            order by cells.source_file, cells.source_row
        ) as sources,
        places.places

    from cells
    inner join places on cells.place_code = places.place_code
    group by all

),

judged as (

    select
        summed.*,
        (summed.lower + summed.upper) / 2 as estimate,
        summed.is_bounded
        and case when summed.breakdown = 'standard' then present.places_present else summed.places_counted end
        = summed.places as is_complete

    from summed
    inner join present
        on
            summed.area_code = present.area_code
            and summed.boundary_version = present.boundary_version
            and summed.raw_table = present.raw_table
            and summed.release_id = present.release_id
            and summed.time_period = present.time_period

),

published as (

    select
        metric,
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        time_period,
        {{ academic_year_start('time_period') }} as period_start,
        {{ academic_year_end('time_period') }} as period_end,
        left(time_period, 4) || '/' || right(time_period, 2)
        || case when is_full_year then '' else ' year to date' end as period_label,
        is_full_year,
        estimate,
        is_complete,
        -- a sum is given as a number only if its bounds are within 5% of their middle
        case
            when cells = 1 and places = 1 then only_value
            when is_complete and upper - lower <= 0.05 * estimate then estimate
        end as value,
        case
            when cells = 1 and places = 1 then only_status
            when is_complete and upper - lower <= 0.05 * estimate then 'ok'
            when lower is null then 'x'
            else 'partial'
        end as status,
        lower,
        -- what a missing district adds is unknown
        case when is_complete then upper end as upper,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from judged

)

select * from published
