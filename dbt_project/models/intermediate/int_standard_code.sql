with

codes as (

    select
        standard_reference as reference,
        soc2020_code as soc_code,
        -- an occupation names its own unit group first; its sub-unit groups may lie in others
        bool_or(named_by = 'occupation') as is_own,
        bool_or(is_primary) as is_primary,
        count(*) as times

    from {{ ref('stg_skills_england__occupation_soc') }}
    where known_to is null and standard_reference is not null
    group by 1, 2

)

select
    reference,
    soc_code,
    row_number() over (
        partition by reference
        order by is_own desc, is_primary desc, times desc, soc_code
    ) as rank

from codes
