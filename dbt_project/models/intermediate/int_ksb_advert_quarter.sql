with

adverts as (

    -- live adverts are a stock, counted otherwise, and never chained to these
    select
        *,
        -- the level that incidences are held for: sub-major groups of minor ones, else the unit group itself
        case occupation_level when 'minor' then left(soc_code, 2) else soc_code end as asking_code

    from {{ ref('stg_ons__online_job_adverts') }}
    where
        known_to is null
        and measure_basis = 'new_adverts'
        and period_kind = 'month'
        and occupation_level <> 'total'
        and soc_code <> 'Unknown'
        and area_code is not null

),

places as (

    select * from {{ ref('int_area_place') }}

),

incidence as (

    select * from {{ ref('int_demand_incidence') }}

),

lineage as (

    select
        kind,
        level,
        string_agg(distinct release_id, ',' order by release_id) as release_id,
        max(known_from) as known_from,
        bool_or(is_sample) as is_sample

    from {{ ref('int_ksb_lineage') }}
    where basis = 'stock' and input <> 'employment'
    group by 1, 2

),

newest as (

    select
        max(period_start) as period_start,
        any_value(release_id) as release_id,
        max(known_from) as known_from,
        bool_or(is_sample) as is_sample

    from adverts

),

-- an occupation withheld in some months of a place would come and go with the publisher's threshold, so it is left out of all of them
cells as (

    select
        *,
        date_diff('month', period_start, (select newest.period_start from newest)) // 3 as age,
        bool_or(adverts is null) over (partition by area_code, soc_code) as is_ever_withheld

    from adverts

),

-- quarters are counted back from the newest month, and whole in every place of the area
held as (

    select
        places.area_code,
        places.boundary_version,
        cells.age,
        min(cells.period_start) as period_start,
        max(cells.period_end) as period_end

    from cells
    inner join places on cells.area_code = places.place_code
    group by places.area_code, places.boundary_version, cells.age
    having count(distinct (cells.area_code, cells.period_start)) = 3 * any_value(places.places)

),

occupations as (

    select
        places.area_code,
        places.boundary_version,
        cells.asking_code,
        cells.age,
        sum(cells.adverts) as adverts

    from cells
    inner join places on cells.area_code = places.place_code
    where not cells.is_ever_withheld
    group by 1, 2, 3, 4

),

volumes as (

    select
        occupations.area_code,
        occupations.boundary_version,
        incidence.kind,
        incidence.level,
        incidence.ksb_id,
        occupations.age,
        sum(occupations.adverts * incidence.incidence order by occupations.asking_code) as adverts

    from occupations
    inner join incidence on occupations.asking_code = incidence.soc_code
    group by 1, 2, 3, 4, 5, 6

)

select
    volumes.area_code,
    volumes.boundary_version,
    volumes.kind,
    volumes.level,
    volumes.ksb_id,
    cast(volumes.age as bigint) as age,
    held.period_start,
    held.period_end,
    round(volumes.adverts, 6) as adverts,
    greatest(newest.known_from, lineage.known_from) as known_from,
    array_to_string(list_sort(list_distinct(string_split(concat_ws(',', newest.release_id, lineage.release_id), ','))), ',') as release_id,
    newest.is_sample or lineage.is_sample as is_sample

from volumes
inner join held using (area_code, boundary_version, age)
inner join lineage on volumes.kind = lineage.kind and volumes.level = lineage.level
cross join newest
