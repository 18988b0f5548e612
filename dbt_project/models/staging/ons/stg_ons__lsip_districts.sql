select
    district_code,
    district_name,
    lsip_code,
    lsip_name,
    year,
    boundary_version,
    {{ release_columns() }}

from {{ source('raw', 'ons__lsip_districts') }}
