with

links as (

    select * from {{ ref('int_statement_link') }}
    where side = 'demand' and weight is not null and is_counted and level in ('area', 'group') and kind in ('knowledge', 'skill')

),

asked as (

    select distinct
        statement_id,
        unit_code,
        weight,
        kind,
        level,
        ksb_id

    from links

),

tallies as (

    select
        unit_code,
        max(weight) as weight,
        max(effective_texts) as n

    from {{ ref('int_statement_tally') }}
    where side = 'demand'
    group by 1

),

standards as (

    select * from {{ ref('int_standard_occupation') }}

),

taught as (

    select * from {{ ref('int_supply_incidence') }}
    where kind = 'behaviour' and method = 'standard'

),

trained as (

    select
        soc_code,
        sum(achievements) as achievements,
        cast(count(*) as double) as n

    from standards
    group by 1

),

-- knowledge and skills: the share of a unit group's work, task by task, that speaks of it
task_incidence as (

    select
        asked.kind,
        asked.level,
        asked.ksb_id,
        asked.unit_code as soc_code,
        sum(asked.weight order by asked.statement_id) / any_value(tallies.weight) as incidence,
        any_value(tallies.n) as n

    from asked
    inner join tallies on asked.unit_code = tallies.unit_code
    group by 1, 2, 3, 4

),

-- behaviours: the share of a unit group's apprentices whose standard asks for it
behaviour_incidence as (

    select
        taught.kind,
        taught.level,
        taught.ksb_id,
        standards.soc_code,
        sum(standards.achievements order by standards.reference) / any_value(trained.achievements) as incidence,
        any_value(trained.n) as n

    from standards
    inner join taught on standards.reference = taught.reference
    inner join trained on standards.soc_code = trained.soc_code
    group by 1, 2, 3, 4

),

unit_groups as (

    select * from task_incidence

    union all

    select * from behaviour_incidence

),

-- what a sub-major group's mean is over: unit groups with tasks, and those with standards
bases as (

    select
        left(unit_code, 2) as soc_code,
        'task' as evidence,
        count(*) as unit_groups,
        sum(n) as n

    from tallies
    group by 1

    union all

    select
        left(soc_code, 2) as soc_code,
        'standard' as evidence,
        count(*) as unit_groups,
        sum(n) as n

    from trained
    group by 1

),

averaged as (

    select
        unit_groups.kind,
        unit_groups.level,
        unit_groups.ksb_id,
        bases.soc_code,
        sum(unit_groups.incidence order by unit_groups.soc_code) / any_value(bases.unit_groups) as incidence,
        any_value(bases.n) as n

    from unit_groups
    inner join bases
        on
            left(unit_groups.soc_code, 2) = bases.soc_code
            and bases.evidence = case when unit_groups.kind = 'behaviour' then 'standard' else 'task' end
    group by 1, 2, 3, 4

),

unioned as (

    select * from unit_groups

    union all by name

    select * from averaged

)

select
    kind,
    level,
    ksb_id,
    soc_code,
    round(least(incidence, 1), 12) as incidence,
    round(n, 6) as n

from unioned
