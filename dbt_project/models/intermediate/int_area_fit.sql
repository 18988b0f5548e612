{#- Smallest overlap at which the figure of one version of an area stands for another. -#}
{% set least_overlap = 0.8 %}

with

areas as (

    select * from {{ ref('area') }}

),

versions as (

    select * from {{ ref('int_area_overlap') }}

),

named as (

    select
        release_id,
        area_kind,
        area_name

    from {{ ref('stg_skills_imperative__employment') }}

    union

    select
        release_id,
        area_kind,
        area_name

    from {{ ref('stg_skills_imperative__replacement_demand') }}

),

-- workbooks name their area and give no code; a former enterprise partnership can bear the name of an LSIP
given as (

    select
        named.*,
        areas.area_code,
        areas.boundary_version,
        areas.area_type

    from named
    inner join areas
        on
            lower(named.area_name) = lower(areas.area_name)
            and areas.area_type = case named.area_kind when 'MCA' then 'CA' when 'Country' then 'country' else named.area_kind end

),

-- an area that a release gives itself is never fitted in it, so that the publisher's figure takes the fit's place with the release that has it
fitted as (

    select
        given.release_id,
        given.area_kind,
        given.area_name,
        versions.area_code,
        versions.boundary_version,
        given.area_code || '/' || given.boundary_version as boundary_fit,
        versions.overlap as coverage

    from given
    inner join versions
        on
            given.area_code = versions.other_area_code
            and given.boundary_version = versions.other_boundary_version
            and versions.area_type = versions.other_area_type
            and versions.overlap >= {{ least_overlap }}
    left join given as own
        on
            given.release_id = own.release_id
            and versions.area_code = own.area_code
            and versions.boundary_version = own.boundary_version
    where own.area_code is null
    qualify
        row_number() over (
            partition by given.release_id, versions.area_code, versions.boundary_version
            order by versions.overlap desc, given.area_code, given.boundary_version, given.area_name
        ) = 1

)

select
    release_id,
    area_kind,
    area_name,
    area_code,
    boundary_version,
    'exact' as boundary_fit,
    cast(null as double) as coverage

from given

union all

select * from fitted
