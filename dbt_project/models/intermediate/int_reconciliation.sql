{{ config(materialized='table') }}

{#- What the marts' figures are held against: each other, the seeds, the classifications, and the releases before. Nothing here is of the moment it ran:
    the same releases give the same rows. -#}
{%- set columns = ['check_name', 'dimension', 'severity', 'relation', 'subject', 'release_id', 'known_from', 'checked', 'broken', 'expected', 'is_sample'] -%}

with

checks as (

    {%- for part in ('conservation', 'grid', 'codes') %}
    select
        {{ columns | join(', ') }},
        to_json(examples[1:5]) as sample

    from {{ ref('int_reconciliation_' ~ part) }}

    union all
    {% endfor %}
    select
        check_name,
        dimension,
        'warn' as severity,
        'raw.release' as relation,
        subject,
        release_id,
        known_from,
        checked,
        broken,
        expected,
        is_sample,
        to_json(examples[1:5]) as sample

    from {{ ref('int_reconciliation_releases') }}

),

releases as (

    select
        release_id,
        dataset

    from {{ ref('stg_observatory__release') }}

)

select
    checks.check_name,
    checks.dimension,
    releases.dataset,
    checks.relation,
    checks.subject,
    checks.release_id,
    checks.known_from,
    checks.severity,
    checks.broken = 0 as passed,
    checks.checked,
    checks.broken,
    checks.broken || ' of ' || checks.checked || ' break it' as observed,
    checks.expected,
    case when checks.broken > 0 then cast(checks.sample as varchar) end as sample,
    checks.is_sample

from checks
left join releases on checks.release_id = releases.release_id
