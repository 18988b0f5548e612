{{ config(materialized='view') }}

with

audits as (

    select * from {{ source('raw', 'check_result') }}

),

reconciled as (

    select * from {{ ref('int_reconciliation') }}

),

unioned as (

    select
        check_name,
        dimension,
        dataset,
        relation,
        cast(null as varchar) as subject,
        release_id,
        run_at,
        severity,
        passed,
        accepted,
        observed,
        expected,
        sample,
        is_sample

    from audits

    union all

    select
        check_name,
        dimension,
        dataset,
        relation,
        subject,
        release_id,
        known_from,
        severity,
        passed,
        null,
        observed,
        expected,
        sample,
        is_sample

    from reconciled

)

select * from unioned
