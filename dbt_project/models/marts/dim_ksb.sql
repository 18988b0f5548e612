with

areas as (

    select
        ksb_id,
        kind,
        label,
        definition,
        'area' as level,
        cast(null as varchar) as parent_ksb_id,
        in_seed_survey,
        is_default,
        false as is_unmapped,
        scheme as taxonomy,
        scheme_version as taxonomy_version,
        cast(null as varchar) as code,
        cast(null as varchar) as skill_area,
        cast(null as varchar) as skill_domain,
        cast(null as varchar) as replaced_by,
        false as is_retired,
        licence,
        cast(null as varchar) as release_id,
        false as is_sample

    from {{ ref('ksb_area') }}

),

-- a concept is described by the last version that has it
uk_ssc as (

    select * from {{ ref('int_uk_ssc_skill_version') }}

),

skills as (

    select * from uk_ssc
    qualify row_number() over (partition by skill_ksb_id order by version_number desc) = 1

),

of_last_version as (

    select * from uk_ssc
    qualify dense_rank() over (partition by group_slug order by version_number desc) = 1

),

groups as (

    select
        group_slug,
        skill_group,
        scheme_version,
        string_agg(skill, '; ' order by skill) as skills,
        -- one name where all its skills have it
        case when count(distinct skill_area) = 1 then min(skill_area) end as skill_area,
        case when count(distinct skill_domain) = 1 then min(skill_domain) end as skill_domain,
        is_current,
        release_id,
        is_sample

    from of_last_version
    group by all

),

-- what took most of a concept's mass when its last version was replaced
successors as (

    select
        from_ksb_id,
        from_version,
        to_ksb_id

    from {{ source('derived', 'ksb_bridge_edge') }}
    where to_ksb_id is not null and to_ksb_id <> from_ksb_id
    qualify row_number() over (partition by from_ksb_id, from_version order by share desc, to_ksb_id asc) = 1

),

kinds (kind, meaning) as (

    values ('knowledge', 'What one must know to: '), ('skill', '')

),

concepts as (

    select
        kinds.kind || '.uk_ssc.' || groups.group_slug as ksb_id,
        kinds.kind,
        groups.skill_group as label,
        kinds.meaning || groups.skills as definition,
        'group' as level,
        cast(null as varchar) as parent_ksb_id,
        groups.scheme_version,
        cast(null as varchar) as code,
        groups.skill_area,
        groups.skill_domain,
        groups.is_current,
        groups.release_id,
        groups.is_sample

    from groups
    cross join kinds

    union all

    select
        skill_ksb_id as ksb_id,
        'skill' as kind,
        skill as label,
        definition,
        'skill' as level,
        group_ksb_id as parent_ksb_id,
        scheme_version,
        skill_code as code,
        skill_area,
        skill_domain,
        is_current,
        release_id,
        is_sample

    from skills

),

linked as (

    select
        concepts.ksb_id,
        concepts.kind,
        concepts.label,
        concepts.definition,
        concepts.level,
        concepts.parent_ksb_id,
        false as in_seed_survey,
        false as is_default,
        false as is_unmapped,
        'uk_ssc' as taxonomy,
        concepts.scheme_version as taxonomy_version,
        concepts.code,
        concepts.skill_area,
        concepts.skill_domain,
        case when not concepts.is_current then successors.to_ksb_id end as replaced_by,
        not concepts.is_current as is_retired,
        'OGL-UK-3.0' as licence,
        concepts.release_id,
        concepts.is_sample

    from concepts
    left join successors
        on concepts.ksb_id = successors.from_ksb_id and concepts.scheme_version = successors.from_version

),

named as (

    select * from areas

    union all

    select * from linked

),

unmapped as (

    select
        'unmapped.' || kind || case level when 'group' then '.group' else '' end as ksb_id,
        kind,
        'Not mapped' as label,
        'Text mass of this kind that no ' || kind || ' ' || level || ' was named for' as definition,
        level,
        cast(null as varchar) as parent_ksb_id,
        false as in_seed_survey,
        false as is_default,
        true as is_unmapped,
        taxonomy,
        max(taxonomy_version) as taxonomy_version,
        cast(null as varchar) as code,
        cast(null as varchar) as skill_area,
        cast(null as varchar) as skill_domain,
        cast(null as varchar) as replaced_by,
        false as is_retired,
        min(licence) as licence,
        max(release_id) as release_id,
        bool_or(is_sample) as is_sample

    from named
    where level in ('area', 'group') and not is_retired
    group by kind, level, taxonomy

)

select * from named

union all

select * from unmapped
