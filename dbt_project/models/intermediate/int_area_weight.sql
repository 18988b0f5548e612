select
    'demand' as side,
    area_code,
    boundary_version,
    basis,
    period_label,
    soc_code as member_of,
    greatest(weight, 0) as weight

from {{ ref('int_demand_weight') }}
where weight is not null

union all

select
    'supply' as side,
    area_code,
    boundary_version,
    basis,
    period_label,
    reference as member_of,
    achievements as weight

from {{ ref('int_supply_total') }}
