select
    area_code,
    boundary_version,
    district_code

from {{ ref('area_district') }}
