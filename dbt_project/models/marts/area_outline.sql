with

areas as (

    select * from {{ ref('dim_area') }}

),

districts as (

    select * from {{ ref('stg_ons__district_boundaries') }}
    where known_to is null

),

outlines as (

    select * from {{ ref('stg_ons__area_outlines') }}
    where known_to is null

),

unioned as (

    select
        areas.area_code,
        areas.boundary_version,
        districts.edition,
        districts.geojson,
        districts.release_id,
        districts.is_sample,
        districts.known_from

    from districts
    inner join areas
        on districts.district_code = areas.area_code and areas.area_type = 'LAD'

    union all

    select
        area_code,
        boundary_version,
        edition,
        geojson,
        release_id,
        is_sample,
        known_from

    from outlines

)

select * from unioned
