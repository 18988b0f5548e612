with

tallies as (

    select
        unit_code as reference,
        kind,
        level,
        named / nullif(named + unnamed, 0) as named_share

    from {{ ref('int_statement_tally') }}
    where side = 'supply'

),

subjects as (

    select * from {{ ref('int_standard_subject') }}
    where weight > 0

),

-- a subject's standards without statements are unnamed; those that have statements but none of the kind hold no mass of it
subject_means as (

    select
        subjects.subject_reference as reference,
        tallies.kind,
        tallies.level,
        round(
            sum(subjects.weight * tallies.named_share order by subjects.reference)
            / nullif(sum(case when tallies.named_share is not null then subjects.weight end order by subjects.reference), 0), 12
        ) as named_share

    from subjects
    inner join tallies on subjects.reference = tallies.reference
    group by 1, 2, 3

)

select * from tallies

union all

select * from subject_means
