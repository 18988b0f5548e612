with

skills as (

    select * from {{ ref('stg_uk_ssc__skills') }}

),

-- the synthetic sample is no earlier version of the real classification
alike as (

    select
        *,
        coalesce(scheme_version, 'unknown') as version

    from skills
    where is_sample in (select current_skills.is_sample from skills as current_skills where current_skills.known_to is null)

),

-- of several releases of a version the latest counts
latest as (

    select * from alike
    qualify dense_rank() over (partition by version order by known_from desc, release_id desc) = 1

),

placed as (

    select
        *,
        dense_rank() over (order by known_from, release_id) as version_number,
        coalesce(skill_group, skill) as group_label

    from latest

),

named as (

    select
        *,
        {{ unique_slug('group_label', 'version') }} as group_slug

    from placed

),

identified as (

    select
        *,
        'skill.uk_ssc.' || group_slug as group_ksb_id,
        'skill.uk_ssc.' || group_slug || '.' || {{ unique_slug('skill', 'version, group_slug') }} as skill_ksb_id

    from named

)

select
    -- ids
    version as scheme_version,
    version_number,
    skill_ksb_id,
    group_ksb_id,
    group_slug,

    -- strings
    skill,
    group_label as skill_group,
    definition,
    -- extracts number their rows; only an official file's codes are codes
    case when source_file like 'SSC - %' then skill_code end as skill_code,
    skill_area,
    skill_domain,

    -- provenance
    known_to is null as is_current,
    release_id,
    is_sample,
    known_from

from identified
