with

links as (

    select * from {{ ref('int_statement_link') }}
    where side = 'demand' and is_counted and kind in ('knowledge', 'skill')

),

tallies as (

    select
        unit_code,
        max(texts) as tasks

    from {{ ref('int_statement_tally') }}
    where side = 'demand'
    group by 1

),

standards as (

    select * from {{ ref('int_standard_occupation') }}

),

taught as (

    select * from {{ ref('int_supply_incidence') }}
    where kind = 'behaviour'

),

-- knowledge and skills: the share of a unit group's tasks that speak of it
task_incidence as (

    select
        links.kind,
        links.ksb_id,
        links.unit_code as soc_code,
        count(distinct links.statement_id) / any_value(tallies.tasks) as incidence

    from links
    inner join tallies on links.unit_code = tallies.unit_code
    group by 1, 2, 3

),

-- behaviours: the share of a unit group's apprentices whose standard asks for it
behaviour_incidence as (

    select
        taught.kind,
        taught.ksb_id,
        standards.soc_code,
        sum(standards.achievements) / any_value(trained.achievements) as incidence

    from standards
    inner join taught on standards.reference = taught.reference
    inner join (
        select
            soc_code,
            sum(achievements) as achievements

        from standards
        group by 1
    ) as trained
        on standards.soc_code = trained.soc_code
    group by 1, 2, 3

),

unioned as (

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
        sum(tasks) as n

    from tallies
    group by 1

    union all

    select
        left(soc_code, 2) as soc_code,
        'standard' as evidence,
        count(distinct soc_code) as unit_groups,
        count(*) as n

    from standards
    group by 1

),

averaged as (

    select
        unioned.kind,
        unioned.ksb_id,
        bases.soc_code,
        sum(unioned.incidence) / any_value(bases.unit_groups) as incidence,
        any_value(bases.n) as n

    from unioned
    inner join bases
        on
            left(unioned.soc_code, 2) = bases.soc_code
            and bases.evidence = case when unioned.kind = 'behaviour' then 'standard' else 'task' end
    group by 1, 2, 3

)

select
    kind,
    ksb_id,
    soc_code,
    round(incidence, 12) as incidence,
    cast(n as bigint) as n

from averaged
