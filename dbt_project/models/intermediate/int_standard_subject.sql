with

standards as (

    select * from {{ ref('stg_skills_england__standards') }}
    where known_to is null

),

current_standards as (

    select * from {{ ref('int_current_standard') }}

),

-- DfE gives each standard's subject beside its achievements
by_standard as (

    select
        reference,
        min(ssa_tier_1) as ssa_tier_1

    from {{ ref('stg_dfe__apprenticeship_achievements_by_standard') }}
    where known_to is null and {{ ssa1_key('ssa_tier_1') }} <> 'ssa1:unknown'
    group by 1

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

achieved as (

    select
        cells.subgroup as reference,
        sum((cells.lower + cells.upper) / 2) as achievements

    from cells
    inner join latest_year on cells.time_period = latest_year.time_period
    group by 1

),

keyed as (

    select
        current_standards.reference,
        {{ ssa1_key("coalesce(nullif(standards.ssa1, ''), standards.ssa2)") }} as own_key,
        {{ ssa1_key('by_standard.ssa_tier_1') }} as dfe_key,
        coalesce(achieved.achievements, 0) as achievements

    from current_standards
    inner join standards using (reference, version)
    left join by_standard on current_standards.reference = by_standard.reference
    left join achieved on current_standards.reference = achieved.reference

),

placed as (

    select
        reference,
        case when own_key = 'ssa1:unknown' then dfe_key else own_key end as subject_reference,
        achievements

    from keyed

)

select
    reference,
    subject_reference,
    achievements,
    -- where nobody achieved any standard of a subject its standards weigh alike
    case when sum(achievements) over (partition by subject_reference) > 0 then achievements else 1 end as weight

from placed
