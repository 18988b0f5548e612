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
        level,
        unit_code as soc_code,
        named / weight as named_share,
        unnamed / weight as unnamed_share

    from tallies
    where side = 'demand' and kind <> 'behaviour'

    union all

    select
        'behaviour' as kind,
        tallies.level,
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
    group by 1, 2, 3

)

select * from unit_groups

union all

select
    kind,
    level,
    left(soc_code, 2) as soc_code,
    round(sum(named_share order by soc_code) / count(*), 12) as named_share,
    round(sum(unnamed_share order by soc_code) / count(*), 12) as unnamed_share

from unit_groups
group by 1, 2, 3
