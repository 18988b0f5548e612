select
    area_code,
    boundary_version,
    basis,
    period_label,
    reference,
    sum(achievements order by provision) as achievements,
    sum(lower order by provision) as lower,
    sum(upper order by provision) as upper

from {{ ref('int_supply_weight') }}
where achievements is not null
group by 1, 2, 3, 4, 5
