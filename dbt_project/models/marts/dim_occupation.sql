select
    soc_code,
    level,
    title,
    parent_code,
    description,
    entry_routes,
    release_id,
    is_sample

from {{ ref('stg_ons__soc2020_groups') }}
where known_to is null
