select
    series,
    uri,
    title,
    release_date,
    published,
    cancelled,
    postponed,
    finalised,
    date_changes,
    {{ release_columns() }}

from {{ source('raw', 'ons__release_calendar') }}
