{{ config(materialized='view') }}

with

inputs as (

    select * from {{ source('raw', 'mart_input') }}

),

states as (

    select * from {{ source('raw', 'dataset_state') }}

),

releases as (

    select * from {{ ref('stg_observatory__release') }}
    where known_to is null

)

select
    inputs.mart,
    inputs.dataset,
    releases.release_id,
    releases.known_from,
    -- a view, so that the age is that of the moment it is asked for
    cast(date_diff('day', cast(releases.known_from as date), current_date) as integer) as age_days,
    states.state,
    states.is_stale,
    states.since as stale_since,
    states.next_expected,
    states.problem

from inputs
inner join states on inputs.dataset = states.dataset
left join releases on inputs.dataset = releases.dataset
