{{ config(materialized='table') }}

{#- One line for each dataset that publishes statistics. A table, since the facts and their provenance both read it. -#}
{% set datasets = [
    'aps_economic_activity',
    'aps_employment',
    'aps_qualifications',
    'ashe',
    'bres',
    'business_counts',
    'census_2021',
    'claimant_count',
    'apprenticeships',
    'skills_imperative',
    'adzuna_adverts',
    'licensed_adverts',
    'apprenticeships_by_subject',
    'attainment_16_to_25',
    'further_education',
    'ks4_destinations',
    'ks5_destinations',
    'labour_demand',
    'business_demography',
] %}

with

unioned as (
    {% for dataset in datasets %}
    select * from {{ ref('int_indicator__' ~ dataset) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

keyed as (

    select
        {{ row_key([
            'metric',
            'measure_basis',
            'breakdown',
            'subgroup',
            'area_code',
            'boundary_version',
            'period_start',
            'period_end',
            'release_id',
        ]) }} as row_key,
        *

    from unioned

),

{{ within_published_totals('keyed') }}

select * from within_totals
