with

occupations as (

    select * from {{ source('derived', 'standard_occupation') }}
    where rank = 1 and soc_code is not null and method <> 'abstain'

),

cells as (

    select * from {{ ref('int_apprenticeship_cell') }}
    where known_to is null and breakdown = 'standard'

),

latest_year as (

    select time_period

    from cells
    order by is_full_year desc, time_period desc
    limit 1

),

-- a standard whose statements are not held says nothing of behaviours; one with none does
with_statements as (

    select distinct unit_code as reference

    from {{ ref('int_statement_tally') }}
    where side = 'supply'

),

national as (

    select
        cells.subgroup as reference,
        sum((cells.lower + cells.upper) / 2) as achievements

    from cells
    inner join latest_year on cells.time_period = latest_year.time_period
    group by 1

)

select
    occupations.reference,
    occupations.soc_code,
    national.achievements

from occupations
inner join national on occupations.reference = national.reference
inner join with_statements on occupations.reference = with_statements.reference
where national.achievements > 0
