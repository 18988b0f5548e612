with

areas as (

    select * from {{ ref('area') }}

),

districts as (

    select * from {{ ref('area_district') }}

),

places as (

    select
        area_code,
        boundary_version,
        district_code as place_code

    from districts

    union

    -- publishers give regions and countries as one row
    select
        area_code,
        boundary_version,
        area_code as place_code

    from areas
    where area_type in ('region', 'country')

)

select
    *,
    count(*) over (partition by area_code, boundary_version) as places

from places
