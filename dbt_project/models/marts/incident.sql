{{ config(materialized='view') }}

-- a view over a file that is written whenever something is refused, so that it says so without a build

select
    incident_id,
    kind,
    dataset,
    mart,
    release_id,
    rule,
    expected,
    found,
    action,
    occurred_at,
    run_id,
    resolved_at,
    resolution

from {{ source('raw', 'incident') }}
