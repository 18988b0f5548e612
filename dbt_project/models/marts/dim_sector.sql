select
    sector_id,
    name,
    in_focus,
    share_rule

from {{ ref('sector') }}
