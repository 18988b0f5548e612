-- A failure means that a concept's mass is not all carried over to the next version or retired, or that it is carried to no concept there is.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_bridge'}}}) }}

with

bridge as (

    select * from {{ ref('ksb_bridge') }}

)

select
    from_version,
    from_ksb_id as found,
    'shares are positive and sum to 1' as broken_rule

from bridge
group by from_version, to_version, from_ksb_id
having abs(sum(share) - 1) > 1e-9 or min(share) <= 0

union all

select
    bridge.from_version,
    bridge.from_ksb_id as found,
    'both ends are KSBs' as broken_rule

from bridge
left join {{ ref('dim_ksb') }} as sources on bridge.from_ksb_id = sources.ksb_id
left join {{ ref('dim_ksb') }} as targets on bridge.to_ksb_id = targets.ksb_id
where sources.ksb_id is null or (bridge.to_ksb_id is not null and targets.ksb_id is null)
