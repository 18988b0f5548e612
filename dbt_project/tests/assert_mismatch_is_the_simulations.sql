-- A failure means that the published mismatch index is not the point its interval is about.
{{ config(meta={'dagster': {'ref': {'name': 'mismatch_index'}}}) }}

select
    indices.*,
    simulation.mismatch_index as simulated

from {{ ref('mismatch_index') }} as indices
left join {{ source('derived', 'mismatch_simulation') }} as simulation
    on
        indices.area_code = simulation.area_code
        and indices.boundary_version = simulation.boundary_version
        and indices.demand_basis = simulation.demand_basis
        and indices.supply_basis = simulation.supply_basis
        and indices.kind = simulation.kind
        and indices.level = simulation.level

where simulation.kind is null or abs(indices.value - simulation.mismatch_index) > 1e-6
