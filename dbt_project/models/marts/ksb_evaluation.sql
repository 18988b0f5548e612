select
    labelled_set,
    labelled_set_sha256,
    kind,
    measure,
    value,
    lower,
    upper,
    cast(n as bigint) as n,
    gate,
    passed,
    matcher_version,
    threshold_version,
    taxonomy_version,
    model_sha256,
    evaluated_at,
    is_current

from {{ source('derived', 'ksb_evaluation') }}
