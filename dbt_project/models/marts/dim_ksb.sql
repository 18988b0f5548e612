with

areas as (

    select * from {{ ref('ksb_area') }}

),

named as (

    select
        ksb_id,
        kind,
        label,
        definition,
        cast(null as varchar) as parent_ksb_id,
        in_seed_survey,
        is_default,
        false as is_unmapped,
        scheme as taxonomy,
        cast(scheme_version as varchar) as taxonomy_version,
        cast(null as varchar) as replaced_by,
        licence

    from areas

),

unmapped as (

    select
        'unmapped.' || kind as ksb_id,
        kind,
        'Not mapped' as label,
        'Text mass of this kind that no ' || kind || ' area was named for' as definition,
        cast(null as varchar) as parent_ksb_id,
        false as in_seed_survey,
        false as is_default,
        true as is_unmapped,
        min(taxonomy) as taxonomy,
        max(taxonomy_version) as taxonomy_version,
        cast(null as varchar) as replaced_by,
        min(licence) as licence

    from named
    group by kind

)

select * from named

union all

select * from unmapped
