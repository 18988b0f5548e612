with

jobs as (

    select
        *,
        'jobs' as metric,
        industry_code as subgroup,
        industry_label as subgroup_label,
        employment_status as measure_basis,
        -- no interval is published, and the rounding, which is coarser for larger figures, is not stated with them
        null as lower,
        null as upper,
        'none' as interval_kind,
        null as base,
        null as coverage,
        {{ cited('nomis__bres') }} as sources

    from {{ ref('stg_nomis__bres') }}

)

select {{ indicator_columns() }}

from jobs
