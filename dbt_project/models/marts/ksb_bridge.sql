with

edges as (

    select * from {{ source('derived', 'ksb_bridge_edge') }}

),

versions as (

    select distinct
        scheme_version,
        release_id,
        is_sample,
        known_from

    from {{ ref('int_uk_ssc_skill_version') }}

)

select
    -- grain
    edges.taxonomy,
    edges.from_version,
    edges.to_version,
    edges.level,
    edges.kind,
    edges.from_ksb_id,
    edges.to_ksb_id,

    -- numbers
    edges.share,
    edges.similarity,
    edges.method,

    -- provenance
    versions.release_id,
    versions.is_sample,
    versions.known_from

from edges
inner join versions on edges.to_version = versions.scheme_version
