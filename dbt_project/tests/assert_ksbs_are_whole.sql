-- A failure means that a KSB has no kind or level, or a parent or successor there is none of, or that a retired one is a default.
{{ config(meta={'dagster': {'ref': {'name': 'dim_ksb'}}}) }}

with

ksbs as (

    select * from {{ ref('dim_ksb') }}

)

select
    ksbs.ksb_id as found,
    'kind, level, parent and successor are sound' as broken_rule

from ksbs
left join ksbs as parents on ksbs.parent_ksb_id = parents.ksb_id
left join ksbs as successors on ksbs.replaced_by = successors.ksb_id
where
    coalesce(ksbs.kind not in ('knowledge', 'skill', 'behaviour'), true)
    or coalesce(ksbs.level not in ('area', 'group', 'skill'), true)
    or (ksbs.parent_ksb_id is not null and parents.ksb_id is null)
    or (ksbs.replaced_by is not null and (successors.ksb_id is null or not ksbs.is_retired))
