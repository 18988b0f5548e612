select
    sector_id,
    sic_division,
    share,
    note

from {{ ref('sector_sic') }}
