select
    district_code,
    district_name,
    edition,
    geojson,
    {{ release_columns() }}

from {{ source('raw', 'ons__district_boundaries') }}
