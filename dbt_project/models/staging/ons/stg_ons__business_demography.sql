select
    measure,
    area_code,
    area_name,
    year,
    enterprises,
    status,
    {{ release_columns() }}

from {{ source('raw', 'ons__business_demography') }}
