with

claimants as (

    select * from {{ ref('stg_nomis__claimant_count') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

-- an area's share is a mean of its districts', so it lies between the least and the greatest of them
district_rates as (

    select
        places.area_code,
        places.boundary_version,
        claimants.release_id,
        claimants.period_start,
        min(claimants.value) as least,
        max(claimants.value) as greatest,
        count(claimants.value) as districts

    from claimants
    inner join places on claimants.area_code = places.place_code
    where claimants.measure = 'rate'
    group by all

),

judged as (

    select
        claimants.*,
        claimants.measure = 'count'
        or made.places = 1
        or (made.places = district_rates.districts and claimants.value between district_rates.least and district_rates.greatest) as is_sound

    from claimants
    inner join (select distinct area_code, boundary_version, places from places) as made using (area_code, boundary_version)
    left join district_rates using (area_code, boundary_version, release_id, period_start)

),

shaped as (

    select
        'claimant_' || measure as metric,
        'total' as breakdown,
        'Total' as subgroup,
        'Total' as subgroup_label,
        null as measure_basis,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        case when is_sound then value end as value,
        null as lower,
        null as upper,
        'none' as interval_kind,
        null as base,
        case when is_sound or value is null then status else 'x' end as status,
        null as coverage,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ cited('nomis__claimant_count') }} as sources

    from judged

)

select {{ indicator_columns() }}

from shaped
