with

taught as (

    select distinct
        kind,
        level,
        ksb_id,
        unit_code as reference

    from {{ ref('int_statement_link') }}
    where side = 'supply' and weight is not null and is_counted and level in ('area', 'group')

),

subjects as (

    select * from {{ ref('int_standard_subject') }}

),

with_statements as (

    select distinct unit_code as reference

    from {{ ref('int_statement_tally') }}
    where side = 'supply'

),

members as (

    select
        subjects.subject_reference,
        subjects.reference,
        subjects.weight

    from subjects
    inner join with_statements on subjects.reference = with_statements.reference
    where subjects.weight > 0

),

bases as (

    select
        subject_reference,
        sum(weight order by reference) as weight,
        power(sum(weight order by reference), 2) / sum(power(weight, 2) order by reference) as n

    from members
    group by 1

),

-- where only the subject is known: the mean of its standards, each weighed by who achieved it; as uncertain as a mean of so few
subject_means as (

    select
        taught.kind,
        taught.level,
        taught.ksb_id,
        members.subject_reference as reference,
        'ssa_mean' as method,
        sum(members.weight order by members.reference) / any_value(bases.weight) as incidence,
        any_value(bases.n) as n

    from members
    inner join taught on members.reference = taught.reference
    inner join bases on members.subject_reference = bases.subject_reference
    group by 1, 2, 3, 4

)

select
    kind,
    level,
    ksb_id,
    reference,
    'standard' as method,
    1.0::double as incidence,
    cast(null as double) as n

from taught

union all

select
    kind,
    level,
    ksb_id,
    reference,
    method,
    round(least(incidence, 1), 12) as incidence,
    round(n, 6) as n

from subject_means
