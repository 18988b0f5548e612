with

occupations as (

    select * from {{ source('derived', 'standard_occupation') }}
    where rank = 1 and soc_code is not null and method <> 'abstain'

),

achieved as (

    select * from {{ ref('int_standard_subject') }}
    where achievements > 0

),

-- a standard whose statements are not held says nothing of behaviours; one with none does
with_statements as (

    select distinct unit_code as reference

    from {{ ref('int_statement_tally') }}
    where side = 'supply'

)

select
    occupations.reference,
    occupations.soc_code,
    achieved.achievements

from occupations
inner join achieved on occupations.reference = achieved.reference
inner join with_statements on occupations.reference = with_statements.reference
