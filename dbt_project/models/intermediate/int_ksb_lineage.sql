with

inputs as (

    {% for input, model in {
        'employment': 'stg_nomis__aps_employment',
        'projection': 'stg_skills_imperative__replacement_demand',
        'tasks': 'stg_ons__soc2020_tasks',
        'uk_ssc_tasks': 'stg_uk_ssc__sub_unit_group_tasks',
        'uk_ssc_skills': 'stg_uk_ssc__skills',
        'statements': 'stg_skills_england__statements',
        'foundation_statements': 'stg_skills_england__foundation_statements',
        'achievements': 'stg_dfe__apprenticeship_achievements_by_standard',
        'occupational_maps': 'stg_skills_england__occupation_soc',
    }.items() -%}
    select distinct
        '{{ input }}' as input,
        release_id,
        is_sample,
        known_from

    from {{ ref(model) }}
    where known_to is null

    union all

    {% endfor -%}
    select distinct
        'adverts' as input,
        release_id,
        is_sample,
        known_from

    from {{ ref('stg_ons__online_job_adverts') }}
    where known_to is null and measure_basis = 'new_adverts'

),

uses as (

    select
        demand.basis,
        kinds.kind,
        inputs_of_kind.input

    from (values ('stock', 'employment'), ('openings', 'projection'), ('flow_ads', 'adverts')) as demand (basis, weight)
    cross join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
    cross join (
        values ('weight'), ('tasks'), ('uk_ssc_tasks'), ('statements'), ('achievements'), ('occupational_maps')
    ) as possible (input)
    cross join lateral (select case when possible.input = 'weight' then demand.weight else possible.input end as input) as inputs_of_kind
    -- behaviours are not in any task: they come of the standards that train for an occupation
    where possible.input = 'weight' or (kinds.kind = 'behaviour') = (possible.input in ('statements', 'achievements', 'occupational_maps'))

    union all

    select
        supply.basis,
        kinds.kind,
        supply.input

    from (
        values
        ('attained', 'statements'), ('attained', 'foundation_statements'), ('attained', 'achievements'),
        ('on_offer', 'statements'), ('on_offer', 'achievements')
    ) as supply (basis, input)
    cross join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)

),

-- of volumes by subject, the releases that have the year counted
by_subject as (

    select distinct
        weights.basis,
        case subjects.provision when 'apprenticeships' then 'apprenticeships_by_subject' else 'further_education' end as input,
        subjects.release_id,
        subjects.is_sample,
        subjects.known_from

    from {{ ref('int_supply_subject') }} as subjects
    inner join {{ ref('int_supply_weight') }} as weights
        on
            subjects.area_code = weights.area_code
            and subjects.boundary_version = weights.boundary_version
            and subjects.provision = weights.provision
            and subjects.reference = weights.reference
            and subjects.period_label = weights.period_label
            and weights.method = 'ssa_mean'
            and weights.basis = case subjects.measure when 'achievements' then 'attained' else 'on_offer' end

),

by_kind as (

    select
        uses.basis,
        uses.kind,
        inputs.input,
        inputs.release_id,
        inputs.is_sample,
        inputs.known_from

    from uses
    inner join inputs on uses.input = inputs.input

    union all

    select
        by_subject.basis,
        kinds.kind,
        by_subject.input,
        by_subject.release_id,
        by_subject.is_sample,
        by_subject.known_from

    from by_subject
    cross join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)

),

-- groups are UK-SSC's, and it has none of behaviours
levels as (

    select
        basis,
        kind,
        'area' as level,
        input,
        release_id,
        is_sample,
        known_from

    from by_kind

    union all

    select
        basis,
        kind,
        'group' as level,
        input,
        release_id,
        is_sample,
        known_from

    from by_kind
    where kind <> 'behaviour'

    union all

    select distinct
        by_kind.basis,
        by_kind.kind,
        'group' as level,
        inputs.input,
        inputs.release_id,
        inputs.is_sample,
        inputs.known_from

    from by_kind
    inner join inputs on inputs.input = 'uk_ssc_skills'
    where by_kind.kind <> 'behaviour'

)

select * from levels
