select
    sheet,
    area_kind,
    area_code,
    area_name,
    region_name,
    region_code,
    occupation_level,
    soc_code,
    soc_label,
    period_kind,
    period_start,
    period_end,
    adverts,
    status,
    measure_basis,
    {{ release_columns() }}

from {{ source('raw', 'ons__online_job_adverts') }}
