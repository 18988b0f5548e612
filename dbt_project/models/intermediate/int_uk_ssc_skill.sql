select
    -- ids
    skill_ksb_id,
    group_ksb_id,
    group_slug,

    -- strings
    skill,
    skill_group,
    definition,
    skill_code,
    skill_area,
    skill_domain,
    scheme_version,

    -- provenance
    release_id,
    is_sample,
    known_from

from {{ ref('int_uk_ssc_skill_version') }}
where is_current
