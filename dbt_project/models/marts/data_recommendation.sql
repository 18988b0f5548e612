{{ config(materialized='view') }}

-- a view, since refused releases and failed checks are recorded without a build
with

found as (

    select * from {{ ref('int_recommendation_figure') }}

    union all by name

    select * from {{ ref('int_recommendation_source') }}

),

templates as (

    select * from {{ ref('recommendation_template') }}

),

datasets as (

    select * from {{ ref('dim_dataset') }}

),

uses as (

    select
        dataset,
        bool_or(mart = 'ksb_demand') as in_demand,
        bool_or(mart = 'ksb_supply') as in_supply

    from {{ source('raw', 'mart_input') }}
    group by dataset

),

joined as (

    select
        found.*,
        templates.* exclude (finding_id),
        datasets.publisher,
        datasets.is_sample,
        case
            when uses.in_demand and uses.in_supply then 'demand and supply'
            when uses.in_demand then 'demand'
            when uses.in_supply then 'supply'
            else 'neither'
        end as side_of_gap,
        case when found.n_total > 0 then round(found.n_affected / found.n_total, 12) end as share

    from found
    inner join templates on found.finding_id = templates.finding_id
    inner join datasets on found.dataset = datasets.slug
    left join uses on found.dataset = uses.dataset

)

select
    dataset,
    publisher,
    raw_table,
    field,
    metric,
    finding_id,
    title,
    replace(
        replace(
            replace(
                replace(replace(finding, '{n_affected}', format('{:,}', n_affected)), '{n_total}', format('{:,}', n_total)),
                '{percent}',
                format('{:.1f}%', 100 * share)
            ),
            '{field}',
            replace(field, '_', ' ')
        ),
        '{detail}',
        coalesce(detail, 'not stated')
    ) as finding,
    consequence || case side_of_gap
        when 'neither' then ' It is context: no share of the gap is computed from it.'
        else ' It enters the gap through ' || side_of_gap || '.'
    end as consequence,
    ask,
    side_of_gap,
    evidence,
    cast(n_affected as bigint) as n_affected,
    cast(n_total as bigint) as n_total,
    share,
    cast(position as integer) as position,
    is_sample

from joined
