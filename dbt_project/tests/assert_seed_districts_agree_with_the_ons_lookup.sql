-- A warning means that an LSIP of the seeds has other districts than ONS gives it, in the boundaries of the year that the look-up is of.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_ons__lsip_districts'}}}) }}

with

official as (

    select
        lsip_code as area_code,
        boundary_version,
        district_code

    from {{ ref('stg_ons__lsip_districts') }}
    where known_to is null

),

areas as (

    select
        area_code,
        boundary_version

    from {{ ref('area') }}
    where area_type = 'LSIP' and boundary_version in (select boundary_version from official)

),

seeds as (

    select
        area_code,
        boundary_version,
        district_code

    from {{ ref('area_district') }}
    inner join areas using (area_code, boundary_version)

)

select
    coalesce(seeds.area_code, official.area_code) as area_code,
    coalesce(seeds.boundary_version, official.boundary_version) as boundary_version,
    coalesce(seeds.district_code, official.district_code) as district_code,
    case when official.district_code is null then 'only in the seeds' else 'only in the look-up' end as broken_rule

from seeds
full join (select official.* from official inner join areas using (area_code, boundary_version)) as official
    on
        seeds.area_code = official.area_code
        and seeds.boundary_version = official.boundary_version
        and seeds.district_code = official.district_code

where seeds.district_code is null or official.district_code is null
