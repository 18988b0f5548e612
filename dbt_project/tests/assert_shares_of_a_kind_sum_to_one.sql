-- A failure means that KSB shares of an area, basis and kind do not make a whole, so no two areas can be compared.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_supply'}}}) }}

with

shares as (

    select 'ksb_demand' as mart, kind, area_code, boundary_version, sector, basis, ksb_id, share
    from {{ ref('ksb_demand') }}

    union all

    select 'ksb_supply' as mart, kind, area_code, boundary_version, sector, basis, ksb_id, share
    from {{ ref('ksb_supply') }}

)

select
    mart,
    kind,
    area_code,
    boundary_version,
    sector,
    basis,
    sum(share) as total,
    count(*) filter (where ksb_id = 'unmapped.' || kind) as unmapped_rows

from shares
group by all
having
    abs(sum(share) - 1) > 1e-6
    or count(*) filter (where ksb_id = 'unmapped.' || kind) <> 1
    or count(*) filter (where share is not null and ksb_id = 'unmapped.' || kind) > 0
