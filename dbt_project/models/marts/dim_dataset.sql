with

datasets as (

    select * from {{ source('raw', 'dataset') }}

),

releases as (

    select * from {{ ref('stg_observatory__release') }}
    where known_to is null

)

select
    datasets.slug,
    datasets.title,
    datasets.publisher,
    datasets.landing_page,
    datasets.licence,
    datasets.attribution,
    cast(datasets.cadence_days as double) as cadence_days,
    datasets.description,
    releases.release_id as current_release_id,
    releases.known_from,
    coalesce(releases.is_sample, false) as is_sample

from datasets
left join releases on datasets.slug = releases.dataset
