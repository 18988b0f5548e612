-- A failure means that the matching of KSBs falls short of a gate on a labelled set, or that no gate was applied at all: KSB numbers must not be published.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_evaluation'}}}) }}

with

gated as (

    select * from {{ ref('ksb_evaluation') }}
    where is_current and gate is not null

)

select
    labelled_set,
    kind,
    measure,
    value,
    gate,
    n

from gated
where not coalesce(passed, false)

union all

select
    'ksb_labelled' as labelled_set,
    'given' as kind,
    'no gate applied' as measure,
    cast(null as double) as value,
    cast(null as double) as gate,
    0 as n

where not exists (select 1 from gated)
