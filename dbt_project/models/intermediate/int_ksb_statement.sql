with

statements as (

    select * from {{ ref('stg_skills_england__statements') }}
    where known_to is null

),

current_standards as (

    select * from {{ ref('int_current_standard') }}

),

tasks as (

    select * from {{ ref('stg_ons__soc2020_tasks') }}
    where known_to is null

),

unioned as (

    select
        statements.statement_id,
        'supply' as side,
        statements.kind as kind_given,
        statements.reference as unit_code,
        statements.version,
        statements.position,
        statements.text,
        statements.release_id,
        statements.is_sample,
        statements.known_from

    from statements
    inner join current_standards
        on
            statements.reference = current_standards.reference
            and statements.version = current_standards.version

    union all

    select
        concat_ws('|', 'soc2020', soc_code, position) as statement_id,
        'demand' as side,
        cast(null as varchar) as kind_given,
        soc_code as unit_code,
        cast(null as varchar) as version,
        position,
        task as text,
        release_id,
        is_sample,
        known_from

    from tasks

)

select
    *,
    sha256(text) as text_sha256

from unioned
