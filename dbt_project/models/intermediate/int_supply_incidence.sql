select distinct
    kind,
    ksb_id,
    unit_code as reference,
    1.0::double as incidence

from {{ ref('int_statement_link') }}
where side = 'supply' and is_counted
