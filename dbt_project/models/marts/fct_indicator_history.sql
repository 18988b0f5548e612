{{ config(materialized='view') }}

-- every release's rows stay in the mart itself, with the time they were known
select * from {{ ref('fct_indicator') }}
