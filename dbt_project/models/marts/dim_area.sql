select
    area_code,
    area_name,
    area_type,
    boundary_version,
    role,
    valid_from,
    valid_to

from {{ ref('area') }}
