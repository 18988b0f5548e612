-- A failure means that KSB shares of an area, basis, kind and level do not make a whole, so no two areas can be compared.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_supply'}}}) }}

with

shares as (

    select 'ksb_demand' as mart, kind, level, area_code, boundary_version, sector, basis, 'all' as provision, ksb_id, share
    from {{ ref('ksb_demand') }}

    union all

    select 'ksb_supply' as mart, kind, level, area_code, boundary_version, sector, basis, provision, ksb_id, share
    from {{ ref('ksb_supply') }}

)

select
    mart,
    kind,
    level,
    area_code,
    boundary_version,
    sector,
    basis,
    provision,
    sum(share) as total,
    count(*) filter (where ksb_id = {{ unmapped_id('kind', 'level') }}) as unmapped_rows

from shares
group by all
having
    -- where nothing at all was named there is only the unmapped mass
    abs(coalesce(sum(share), 1) - 1) > 1e-6
    or count(*) filter (where ksb_id = {{ unmapped_id('kind', 'level') }}) <> 1
    or count(*) filter (where share is not null and ksb_id = {{ unmapped_id('kind', 'level') }}) > 0
