with

scanned as (

    select * from {{ source('derived', 'ksb_signal') }}

),

quarters as (

    select
        area_code,
        boundary_version,
        level,
        ksb_id,
        max(known_from) as known_from,
        max(release_id) as release_id,
        bool_or(is_sample) as is_sample

    from {{ ref('int_ksb_advert_quarter') }}
    group by 1, 2, 3, 4

),

ksbs as (

    select
        ksb_id,
        label,
        taxonomy_version

    from {{ ref('dim_ksb') }}

)

select
    {{ row_key([
        'scanned.ksb_id',
        'scanned.level',
        'scanned.area_code',
        'scanned.boundary_version'
    ]) }} as row_key,

    -- grain
    scanned.ksb_id,
    scanned.kind,
    scanned.level,
    ksbs.label,
    scanned.area_code,
    scanned.boundary_version,
    'new_adverts' as basis,
    scanned.period_start,
    scanned.period_end,
    strftime(scanned.period_start, '%b %Y') || ' to ' || strftime(scanned.period_end, '%b %Y') as period_label,

    -- numbers
    scanned.signal,
    'signal, not finding' as caveat,
    scanned.status as scan_status,
    scanned.share,
    scanned.earlier_share,
    scanned.change_pp,
    scanned.z,
    scanned.p_value,
    scanned.q_value,
    scanned.history_quarters,
    case when scanned.status <> 'too_short' then scanned.change_pp end as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    'none' as interval_kind,
    scanned.base,
    case scanned.status when 'too_short' then 'x' else scanned.status end as status,
    cast(null as double) as coverage,
    'percentage points' as unit,

    -- provenance
    '{{ var("method_version") }}/' || scanned.method_version as method_version,
    ksbs.taxonomy_version,
    quarters.known_from,
    cast(null as timestamp with time zone) as known_to,
    quarters.release_id,
    quarters.is_sample

from scanned
inner join quarters
    on
        scanned.area_code = quarters.area_code
        and scanned.boundary_version = quarters.boundary_version
        and scanned.level = quarters.level
        and scanned.ksb_id = quarters.ksb_id
inner join ksbs on scanned.ksb_id = ksbs.ksb_id
