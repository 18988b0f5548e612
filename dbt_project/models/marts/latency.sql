-- read from the source: published_at changes with every publication, and staging is read by models that do not care
select
    dataset,
    release_id,
    released_at,
    detected_at,
    retrieved_at,
    materialised_at,
    published_at,
    date_diff('second', released_at, detected_at) / 60 as detect_minutes,
    date_diff('second', detected_at, materialised_at) / 60 as materialise_minutes,
    date_diff('second', materialised_at, published_at) / 60 as publish_minutes,
    is_sample

from {{ source('raw', 'release') }}
