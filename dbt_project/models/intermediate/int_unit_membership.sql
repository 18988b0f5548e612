with

totals as (

    select
        side,
        unit_code,
        max(weight) as weight

    from {{ ref('int_statement_tally') }}
    group by 1, 2

),

-- weights come by unit group or sub-major group, and by standard or, where only that is published, by subject
members as (

    select
        side,
        unit_code,
        weight as unit_weight,
        unit_code as member_of,
        cast(1 as double) as size

    from totals

    union all

    select
        side,
        unit_code,
        weight as unit_weight,
        left(unit_code, 2) as member_of,
        cast(1 as double) as size

    from totals
    where side = 'demand'

    union all

    select
        'supply' as side,
        subjects.reference as unit_code,
        totals.weight as unit_weight,
        subjects.subject_reference as member_of,
        subjects.achievements as size

    from {{ ref('int_standard_subject') }} as subjects
    inner join totals on subjects.reference = totals.unit_code and totals.side = 'supply'
    where subjects.achievements > 0

)

select
    side,
    unit_code,
    unit_weight,
    member_of,
    size / sum(size) over (
        partition by side, member_of
        order by unit_code
        rows between unbounded preceding and unbounded following
    ) as share

from members
