with

-- live adverts are a stock, counted otherwise: they are neither a flow nor chained to one
adverts as (

    select * from {{ ref('stg_ons__online_job_adverts') }}
    where known_to is null and measure_basis = 'new_adverts'

),

places as (

    select * from {{ ref('int_area_place') }}

),

by_place as (

    {{ adverts_by_place('adverts') }}

),

cells as (

    select
        places.area_code,
        places.boundary_version,
        places.places,
        by_place.place_code,
        by_place.area_code as district_code,
        by_place.occupation_level,
        by_place.period_kind,
        by_place.soc_code,
        by_place.period_start,
        by_place.period_end,
        by_place.adverts,
        by_place.status,
        by_place.release_id,
        -- the newest period of its kind is 0
        dense_rank() over (
            partition by places.area_code, places.boundary_version, by_place.occupation_level, by_place.period_kind
            order by by_place.period_start desc
        ) - 1 as age

    from by_place
    inner join places on by_place.place_code = places.place_code

),

-- the last twelve months, where they are held whole
year_of_cells as (

    select *

    from cells
    where age < case period_kind when 'month' then 12 else 4 end
    qualify
        max(age) over (partition by area_code, boundary_version, occupation_level, period_kind)
        = case period_kind when 'month' then 11 else 3 end

),

-- one level of occupations for an area, the finest held
levels as (

    select
        area_code,
        boundary_version,
        occupation_level,
        period_kind,
        min(period_start) as period_start,
        max(period_end) as period_end,
        count(distinct place_code) = any_value(places) as is_complete,
        any_value(release_id) as release_id

    from year_of_cells
    where occupation_level <> 'total'
    group by 1, 2, 3, 4
    qualify
        row_number() over (
            partition by area_code, boundary_version
            order by occupation_level = 'unit' desc, period_kind
        ) = 1

),

by_occupation as (

    select
        year_of_cells.area_code,
        year_of_cells.boundary_version,
        -- SOC 2020 codes nest: the first two digits of a minor group are the sub-major group
        case
            when year_of_cells.occupation_level = 'minor' and year_of_cells.soc_code <> 'Unknown' then left(year_of_cells.soc_code, 2)
            else year_of_cells.soc_code
        end as soc_code,
        year_of_cells.occupation_level,
        year_of_cells.period_kind,
        levels.period_start,
        levels.period_end,
        sum(year_of_cells.adverts) as known_adverts,
        bool_and(year_of_cells.adverts is not null and levels.is_complete) as is_whole,
        bool_or(year_of_cells.status = 'c') as is_suppressed,
        levels.release_id

    from year_of_cells
    inner join levels using (area_code, boundary_version, occupation_level, period_kind)
    group by all

),

-- a suppressed month of a total is taken to be like the place's other months
totals as (

    select
        area_code,
        boundary_version,
        sum(year_total order by district_code) as published_total

    from (
        select
            cells.area_code,
            cells.boundary_version,
            cells.district_code,
            12 * avg(cells.adverts) as year_total

        from cells
        inner join levels using (area_code, boundary_version)
        where
            cells.occupation_level = 'total'
            and cells.period_start >= levels.period_start
            and cells.period_end <= levels.period_end
        group by 1, 2, 3
    ) as by_district
    group by 1, 2

),

-- how far counts move from one period to the next, by month where the months are held
series as (

    select
        year_of_cells.area_code,
        year_of_cells.boundary_version,
        year_of_cells.occupation_level,
        year_of_cells.period_kind,
        year_of_cells.soc_code,
        year_of_cells.period_start,
        case when bool_and(year_of_cells.adverts is not null) then sum(year_of_cells.adverts) end as adverts

    from year_of_cells
    where year_of_cells.occupation_level <> 'total' and year_of_cells.soc_code <> 'Unknown'
    group by all

),

changes as (

    select
        *,
        adverts - lag(adverts) over (
            partition by area_code, boundary_version, occupation_level, period_kind, soc_code
            order by period_start
        ) as change

    from series

),

-- a Poisson count differs from the next by a variance of twice its mean
dispersions as (

    select
        area_code,
        boundary_version,
        occupation_level,
        period_kind,
        soc_code,
        round(var_samp(change order by period_start) / (2 * nullif(avg(adverts), 0)), 9) as dispersion

    from changes
    group by 1, 2, 3, 4, 5
    having bool_and(adverts is not null)

),

overdispersion as (

    select
        area_code,
        boundary_version,
        avg(dispersion order by soc_code) as phi

    from dispersions
    group by area_code, boundary_version, occupation_level, period_kind
    qualify
        row_number() over (
            partition by area_code, boundary_version
            order by period_kind, occupation_level = 'unit' desc
        ) = 1

),

weighed as (

    select
        by_occupation.*,
        -- chance alone is the least; counts that are suppressed throughout tell of no more
        round(greatest(coalesce(overdispersion.phi, 1), 1), 12) as phi,
        -- what is published of codes may, where a total is missing, be more than the total
        greatest(
            totals.published_total,
            sum(by_occupation.known_adverts) over (partition by by_occupation.area_code, by_occupation.boundary_version)
        ) as total_weight

    from by_occupation
    left join overdispersion using (area_code, boundary_version)
    left join totals using (area_code, boundary_version)

)

select
    area_code,
    boundary_version,
    strftime(period_start, '%b %Y') || ' to ' || strftime(period_end, '%b %Y') as period_label,
    soc_code,
    known_adverts as weight,
    round(sqrt(phi * known_adverts), 12) as standard_error,
    case
        when is_whole then 'ok'
        when known_adverts is not null then 'partial'
        when is_suppressed then 'c'
        else 'x'
    end as status,
    period_start,
    period_end,
    phi,
    total_weight,
    release_id,
    occupation_level,
    period_kind

from weighed
where soc_code <> 'Unknown'
