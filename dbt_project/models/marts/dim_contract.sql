select
    contract_version,
    released_on,
    change

from {{ ref('contract_version') }}
