-- read from the source: published_at changes with every publication, and staging is read by models that do not care
select
    release_id,
    dataset,
    marker,
    previous_release_id,
    known_from,
    known_to,
    known_from_basis,
    released_at,
    detected_at,
    retrieved_at,
    materialised_at,
    published_at,
    url,
    sha256,
    bytes,
    rows,
    is_sample

from {{ source('raw', 'release') }}
