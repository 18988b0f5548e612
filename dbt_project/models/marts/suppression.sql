with

indicators as (

    select * from {{ ref('int_indicator') }}
    where known_to is null

),

areas as (

    select * from {{ ref('area') }}

),

districts as (

    select * from {{ ref('area_district') }}

),

additive as (

    select * from {{ ref('published_partition') }}
    where dimension = 'district'

),

newest as (

    select *
    from indicators
    qualify period_end = max(period_end) over (partition by metric, measure_basis, breakdown)

),

cells as (

    select
        newest.*,
        areas.area_type,
        newest.status in ('c', 'low') as is_suppressed,
        newest.lower is distinct from newest.untightened_lower or newest.upper is distinct from newest.untightened_upper as is_narrowed

    from newest
    inner join areas using (area_code, boundary_version)

),

-- counts that add up over districts, with what is certain of them
counts as (

    select
        cells.*,
        {{ certain_lower('additive.rounding') }} as certain_lower,
        {{ certain_upper('additive.rounding') }} as certain_upper

    from cells
    inner join additive on cells.metric = additive.metric

),

-- what an area is the sum of: its districts' rows and, of achievements by standard, the cells of which a district can have several
parts as (

    select
        districts.area_code,
        districts.boundary_version,
        counts.metric,
        counts.measure_basis,
        counts.breakdown,
        counts.subgroup,
        counts.period_start,
        counts.period_end,
        counts.release_id,
        counts.status,
        counts.value,
        counts.certain_upper - counts.certain_lower as width

    from counts
    inner join districts on counts.area_code = districts.district_code
    where counts.area_type = 'LAD' and counts.breakdown <> 'standard' and districts.area_code <> counts.area_code

    union all

    select
        places.area_code,
        places.boundary_version,
        cells.metric,
        null as measure_basis,
        cells.breakdown,
        cells.subgroup,
        {{ academic_year_start('cells.time_period') }} as period_start,
        {{ academic_year_end('cells.time_period') }} as period_end,
        cells.release_id,
        cells.status,
        cells.value,
        cells.upper - cells.lower as width

    from {{ ref('int_apprenticeship_cell') }} as cells
    inner join {{ ref('int_area_place') }} as places on cells.place_code = places.place_code
    where cells.known_to is null and cells.breakdown = 'standard'

),

-- those parts added up with nothing in the place of what is suppressed
zero_filled as (

    select
        wholes.row_key,
        any_value(wholes.certain_lower) as lower,
        any_value(wholes.certain_upper) as upper,
        sum(coalesce(parts.value, 0)) as zero_filled,
        -- an area's own figure is nearer to the truth than a sum of rounded districts: what their rounding can add is no fault of the zeros
        coalesce(
            greatest(
                sum(case when parts.value is not null then parts.width end) - any_value(wholes.certain_upper - wholes.certain_lower), 0
            ), 0
        ) / 2 as slack

    from counts as wholes
    inner join parts
        on
            wholes.area_code = parts.area_code
            and wholes.boundary_version = parts.boundary_version
            and wholes.metric = parts.metric
            and wholes.measure_basis is not distinct from parts.measure_basis
            and wholes.breakdown = parts.breakdown
            and wholes.subgroup = parts.subgroup
            and wholes.period_start = parts.period_start
            and wholes.period_end = parts.period_end
            and wholes.release_id = parts.release_id
    where wholes.status not in ('c', 'low')
    group by wholes.row_key
    having bool_or(parts.status in ('c', 'low')) and not bool_or(parts.status = 'partial')

),

judged as (

    select
        cells.*,
        zero_filled.row_key is not null as is_sum,
        coalesce(
            zero_filled.zero_filled < zero_filled.lower - zero_filled.slack - 1e-6
            or zero_filled.zero_filled > zero_filled.upper + zero_filled.slack + 1e-6, false
        ) as is_zero_fill_wrong

    from cells
    left join zero_filled using (row_key)

)

select
    metric,
    measure_basis,
    breakdown,
    area_type,
    period_start,
    period_end,
    string_agg(distinct period_label, ', ' order by period_label) as period_label,
    count(*) as cells,
    count(case when is_suppressed then 1 end) as suppressed,
    count(case when status = 'low' then 1 end) as low,
    count(case when status = 'c' then 1 end) as c,
    count(case when status = 'u' then 1 end) as u,
    count(case when status = 'x' then 1 end) as x,
    count(case when status = 'partial' then 1 end) as partial,
    count(case when is_suppressed and lower > 0 then 1 end) as zero_wrong,
    count(case when is_sum then 1 end) as sums,
    count(case when is_zero_fill_wrong then 1 end) as zero_fill_wrong,
    round(count(case when is_zero_fill_wrong then 1 end) / nullif(count(case when is_sum then 1 end), 0), 12) as zero_fill_wrong_share,
    count(case when is_narrowed then 1 end) as narrowed,
    count(case when is_narrowed and untightened_upper is null and upper is not null then 1 end) as newly_bounded,
    round(avg(case when is_narrowed then untightened_upper - untightened_lower end order by row_key), 6) as mean_width_before,
    round(avg(case when is_narrowed and untightened_upper is not null then upper - lower end order by row_key), 6) as mean_width_after,
    sum(breaches)::bigint as n_inconsistent,
    string_agg(distinct release_id, ',' order by release_id) as release_id,
    bool_or(is_sample) as is_sample,
    max(known_from) as known_from

from judged
group by metric, measure_basis, breakdown, area_type, period_start, period_end
