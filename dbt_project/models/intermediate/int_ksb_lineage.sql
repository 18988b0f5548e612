with

inputs as (

    {% for input, model in {
        'employment': 'stg_nomis__aps_employment',
        'projection': 'stg_skills_imperative__replacement_demand',
        'tasks': 'stg_ons__soc2020_tasks',
        'statements': 'stg_skills_england__statements',
        'achievements': 'stg_dfe__apprenticeship_achievements_by_standard',
    }.items() -%}
    select distinct '{{ input }}' as input, release_id, is_sample, known_from
    from {{ ref(model) }}
    where known_to is null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

uses as (

    select * from (
        values
        ('stock', 'knowledge', 'employment'), ('stock', 'knowledge', 'tasks'),
        ('stock', 'skill', 'employment'), ('stock', 'skill', 'tasks'),
        ('stock', 'behaviour', 'employment'), ('stock', 'behaviour', 'statements'), ('stock', 'behaviour', 'achievements'),
        ('openings', 'knowledge', 'projection'), ('openings', 'knowledge', 'tasks'),
        ('openings', 'skill', 'projection'), ('openings', 'skill', 'tasks'),
        ('openings', 'behaviour', 'projection'), ('openings', 'behaviour', 'statements'), ('openings', 'behaviour', 'achievements'),
        ('attained', 'knowledge', 'statements'), ('attained', 'knowledge', 'achievements'),
        ('attained', 'skill', 'statements'), ('attained', 'skill', 'achievements'),
        ('attained', 'behaviour', 'statements'), ('attained', 'behaviour', 'achievements')
    ) as uses (basis, kind, input)

)

select
    uses.basis,
    uses.kind,
    inputs.input,
    inputs.release_id,
    inputs.is_sample,
    inputs.known_from

from uses
inner join inputs on uses.input = inputs.input
