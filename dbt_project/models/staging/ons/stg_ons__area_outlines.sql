select
    area_code,
    boundary_version,
    area_name,
    districts,
    edition,
    geojson,
    {{ release_columns() }}

from {{ source('raw', 'ons__area_outlines') }}
