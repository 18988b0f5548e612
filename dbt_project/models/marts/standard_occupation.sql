with

placed as (

    select * from {{ source('derived', 'standard_occupation') }}

),

standards as (

    select distinct
        reference,
        title

    from {{ ref('int_standard_title') }}

),

unit_groups as (

    select
        soc_code,
        title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'unit'

)

select
    placed.reference,
    placed.rank,
    standards.title as standard_title,
    placed.soc_code,
    unit_groups.title,
    placed.method,
    round(placed.score, 6) as score,
    placed.matched_title,
    placed.matched_soc_code,
    placed.runner_up,
    round(cast(placed.runner_up_score as double), 6) as runner_up_score,
    cast(placed.is_official as boolean) as is_official,
    placed.reviewed_by,
    cast(placed.reviewed_at as timestamp with time zone) as reviewed_at,
    placed.reason,
    -- share of all standards that have a unit group: the same on every row, so that it stands beside each
    round(
        count(distinct placed.reference) filter (where placed.soc_code is not null) over ()
        / count(distinct placed.reference) over (),
        12
    ) as coverage,
    placed.model_sha256,
    placed.matcher_version

from placed
left join standards on placed.reference = standards.reference
left join unit_groups on placed.soc_code = unit_groups.soc_code
