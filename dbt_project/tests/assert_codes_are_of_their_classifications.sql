{{ config(tags=['gap']) }}

-- Of the reconciliations, those that no publisher can be the cause of: areas, KSBs and sectors are the observatory's own.
select *
from {{ ref('int_reconciliation') }}
where severity = 'error' and not passed
