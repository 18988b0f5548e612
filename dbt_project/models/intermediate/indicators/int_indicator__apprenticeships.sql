with

apprenticeships as (

    select
        *,
        null as measure_basis,
        case when lower is null then 'none' else 'bound' end as interval_kind,
        null as base,
        null as coverage

    from {{ ref('int_apprenticeship') }}

)

select {{ indicator_columns() }}

from apprenticeships
