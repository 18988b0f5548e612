with

areas as (

    select * from {{ ref('area') }}

),

districts as (

    select * from {{ ref('area_district') }}

),

-- a count of people at work that is never revised and has no sampling error, so that an overlap changes only with the boundaries
employment as (

    select
        area_code as district_code,
        max(value) as employment

    from {{ ref('stg_nomis__census_2021') }}
    where known_to is null and topic = 'occupation' and category = 'Total'
    group by 1

),

sizes as (

    select
        districts.area_code,
        districts.boundary_version,
        count(*) as districts,
        case when count(employment.employment) = count(*) then sum(employment.employment) end as employment

    from districts
    left join employment using (district_code)
    group by 1, 2

),

common as (

    select
        one.area_code,
        one.boundary_version,
        other.area_code as other_area_code,
        other.boundary_version as other_boundary_version,
        count(*) as districts,
        sum(employment.employment) as employment

    from districts as one
    inner join districts as other using (district_code)
    left join employment using (district_code)
    where (one.area_code, one.boundary_version) <> (other.area_code, other.boundary_version)
    group by 1, 2, 3, 4

),

measured as (

    select
        common.*,
        areas.area_type,
        others.area_type as other_area_type,
        sizes.districts as area_districts,
        other_sizes.districts as other_districts,
        sizes.employment as area_employment,
        other_sizes.employment as other_employment,
        coalesce(sizes.employment > 0 and other_sizes.employment > 0, false) as has_employment,
        areas.area_type = others.area_type and areas.valid_to = others.valid_from as is_successor

    from common
    inner join areas using (area_code, boundary_version)
    inner join areas as others on common.other_area_code = others.area_code and common.other_boundary_version = others.boundary_version
    inner join sizes using (area_code, boundary_version)
    inner join sizes as other_sizes
        on common.other_area_code = other_sizes.area_code and common.other_boundary_version = other_sizes.boundary_version

)

select
    area_code,
    boundary_version,
    area_type,
    other_area_code,
    other_boundary_version,
    other_area_type,
    area_districts,
    other_districts,
    districts as common_districts,
    round(districts / area_districts, 12) as share_of_districts,
    round(employment / nullif(area_employment, 0), 12) as share_of_employment,
    case when has_employment then 'employment' else 'districts' end as basis,
    -- what both have of what either has, so that a much larger area is no fit
    round(
        case
            when has_employment then employment / (area_employment + other_employment - employment)
            else districts / (area_districts + other_districts - districts)
        end, 12
    ) as overlap,
    coalesce(is_successor, false) as is_successor

from measured
