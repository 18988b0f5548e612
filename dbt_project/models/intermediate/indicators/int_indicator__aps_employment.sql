with

employment as (

    select
        *,
        'employment' as metric,
        null as measure_basis,
        null as base,
        null as coverage

    from {{ ref('int_employment') }}

)

select {{ indicator_columns() }}

from employment
