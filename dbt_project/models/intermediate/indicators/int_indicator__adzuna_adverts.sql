with

counts as (

    select * from {{ ref('stg_adzuna__advert_counts') }}

),

districts as (

    select
        area_code,
        boundary_version

    from {{ ref('area') }}
    where area_type = 'LAD'

),

sub_majors as (

    select
        soc_code,
        title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'sub_major'

),

-- districts only: a search takes in a place's surroundings, so sums would count adverts twice
counted as (

    select
        'online_job_adverts' as metric,
        'adzuna_count' as measure_basis,
        -- a term is one example of its group, so it does not stand for the group
        case when counts.sub_major is null then 'total' else 'search_term' end as breakdown,
        counts.term as subgroup,
        case
            when counts.sub_major is null then counts.term
            else concat(counts.term, ' (', counts.sub_major, ' ' || sub_majors.title, ')')
        end as subgroup_label,
        counts.area_code,
        districts.boundary_version,
        counts.counted_on as period_start,
        counts.counted_on as period_end,
        strftime(counts.counted_on, '%-d %b %Y') as period_label,
        counts.value,
        null as lower,
        null as upper,
        'none' as interval_kind,
        null as base,
        counts.status,
        null as coverage,
        counts.release_id,
        counts.is_sample,
        counts.known_from,
        counts.known_to,
        {{ cited('adzuna__advert_counts', 'counts') }} as sources

    from counts
    inner join districts on counts.area_code = districts.area_code
    left join sub_majors on counts.sub_major = sub_majors.soc_code

)

select {{ indicator_columns() }}

from counted
