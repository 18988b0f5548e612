with

tallies as (

    select * from {{ ref('int_statement_tally') }}

),

standards as (

    select * from {{ ref('int_standard_occupation') }}

),

unit_groups as (

    select
        kind,
        unit_code as soc_code,
        named / texts as named_share,
        unnamed / texts as unnamed_share

    from tallies
    where side = 'demand' and kind <> 'behaviour'

    union all

    select
        'behaviour' as kind,
        standards.soc_code,
        sum(standards.achievements * coalesce(tallies.named / nullif(tallies.named + tallies.unnamed, 0), 0) order by standards.reference)
        / sum(standards.achievements) as named_share,
        sum(standards.achievements * coalesce(tallies.unnamed / nullif(tallies.named + tallies.unnamed, 0), 0) order by standards.reference)
        / sum(standards.achievements) as unnamed_share

    from standards
    inner join tallies
        on
            standards.reference = tallies.unit_code
            and tallies.side = 'supply'
            and tallies.kind = 'behaviour'
    group by 1, 2

)

select
    kind,
    left(soc_code, 2) as soc_code,
    avg(named_share) as named_share,
    avg(unnamed_share) as unnamed_share

from unit_groups
group by 1, 2
