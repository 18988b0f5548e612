select distinct
    text_sha256,
    kind_given as kind,
    text

from {{ ref('int_ksb_statement') }}
