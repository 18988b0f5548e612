-- A failure means that an area made of districts has none, that a sector's divisions belong to no sector,
-- or that not exactly one release of a dataset is current.
{{ config(meta={'dagster': {'ref': {'name': 'dim_release'}}}) }}

select area_code || ' ' || boundary_version as found, 'an LSIP or district has districts' as broken_rule
from {{ ref('dim_area') }} as areas
where
    area_type in ('LSIP', 'LAD')
    and not exists (
        select 1 from {{ ref('bridge_area_district') }} as districts
        where districts.area_code = areas.area_code and districts.boundary_version = areas.boundary_version
    )

union all

select sector_id as found, 'a division belongs to a known sector' as broken_rule
from {{ ref('bridge_sector_sic') }}
where sector_id not in (select sector_id from {{ ref('dim_sector') }}) or share not between 0 and 1

union all

select dataset as found, 'one release of a dataset is current' as broken_rule
from {{ ref('dim_release') }}
group by dataset
having count(*) filter (where known_to is null) <> 1
