with

adverts as (

    select * from {{ ref('stg_ons__online_job_adverts') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

sub_majors as (

    select
        soc_code,
        title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'sub_major'

),

by_place as (

    {{ adverts_by_place('adverts') }}

),

cells as (

    select
        *,
        case
            when occupation_level = 'total' then 'total'
            when period_kind = 'month' then 'occupation_sub_major'
            else 'occupation_unit'
        end as breakdown,
        -- SOC 2020 codes nest: the first two digits are the sub-major group
        case when period_kind = 'month' and soc_code not in ('Total', 'Unknown') then left(soc_code, 2) else soc_code end as subgroup,
        case when soc_code = 'Unknown' then 'Unknown occupation' else soc_label end as label

    from by_place

),

-- an occupation that a district has no row of was not advertised there, so a district is absent from a sheet only if it has no row at all
present as (

    select
        places.area_code,
        places.boundary_version,
        cells.release_id,
        cells.breakdown,
        count(distinct cells.place_code) as places_present

    from cells
    inner join places on cells.place_code = places.place_code
    group by all

),

summed as (

    select
        places.area_code,
        places.boundary_version,
        places.places,
        cells.breakdown,
        cells.subgroup,
        max(cells.label) as label,
        cells.measure_basis,
        cells.period_kind,
        cells.period_start,
        cells.period_end,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to,
        coalesce(sum(cells.adverts), 0) as known_adverts,
        bool_and(cells.adverts is not null) as is_known,
        bool_or(cells.adverts is not null) as is_partly_known,
        bool_or(cells.status = 'c') as is_suppressed,
        {{ cited_all('ons__online_job_adverts', 'cells') }} as sources

    from cells
    inner join places on cells.place_code = places.place_code
    group by all

),

judged as (

    select
        summed.*,
        present.places_present = summed.places as is_complete,
        summed.is_known and present.places_present = summed.places as is_whole

    from summed
    inner join present using (area_code, boundary_version, release_id, breakdown)

),

-- what all occupations together may still hide: the published total less every count that is known
bounded as (

    select
        judged.*,
        case
            when judged.is_whole then judged.known_adverts
            when judged.is_complete and totals.is_whole and totals.known_adverts >= occupations.known_adverts
                then judged.known_adverts + totals.known_adverts - occupations.known_adverts
        end as most_adverts

    from judged
    left join judged as totals
        on
            judged.breakdown = 'occupation_sub_major'
            and totals.breakdown = 'total'
            and judged.release_id = totals.release_id
            and judged.area_code = totals.area_code
            and judged.boundary_version = totals.boundary_version
            and judged.period_start = totals.period_start
    left join (
        select
            release_id,
            area_code,
            boundary_version,
            period_start,
            sum(known_adverts) as known_adverts

        from judged
        where breakdown = 'occupation_sub_major'
        group by all
    ) as occupations
        on
            judged.release_id = occupations.release_id
            and judged.area_code = occupations.area_code
            and judged.boundary_version = occupations.boundary_version
            and judged.period_start = occupations.period_start

),

monthly as (

    select
        *,
        sum(known_adverts) over three_months / 3 as mean_known_adverts,
        case when count(most_adverts) over three_months = 3 then sum(most_adverts) over three_months / 3 end as mean_most_adverts,
        count(*) over three_months as months,
        bool_and(is_whole) over three_months as is_mean_whole,
        flatten(list(sources) over three_months) as mean_sources

    from bounded
    where period_kind = 'month'
    window three_months as (
        partition by release_id, area_code, boundary_version, breakdown, subgroup
        order by period_start
        rows between 2 preceding and current row
    )

),

measured as (

    select
        'online_job_adverts' as metric,
        breakdown,
        subgroup,
        label,
        measure_basis,
        area_code,
        boundary_version,
        period_kind,
        period_start,
        period_end,
        known_adverts as least,
        most_adverts as most,
        case
            when is_whole then 'ok'
            when is_partly_known then 'partial'
            when is_suppressed then 'c'
            else 'x'
        end as status,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources

    from bounded

    union all

    select
        'online_job_adverts_3_month_mean' as metric,
        breakdown,
        subgroup,
        label,
        measure_basis,
        area_code,
        boundary_version,
        period_kind,
        cast(period_start - interval 2 month as date) as period_start,
        period_end,
        mean_known_adverts as least,
        mean_most_adverts as most,
        case
            when months < 3 then 'x'
            when is_mean_whole then 'ok'
            else 'partial'
        end as status,
        release_id,
        is_sample,
        known_from,
        known_to,
        mean_sources as sources

    from monthly

),

published as (

    select
        measured.*,
        case
            when measured.breakdown = 'occupation_sub_major' then coalesce(sub_majors.title, measured.label)
            else measured.label
        end as subgroup_label,
        case
            when measured.period_kind = 'quarter' then year(measured.period_start) || ' Q' || quarter(measured.period_start)
            when measured.metric = 'online_job_adverts' then strftime(measured.period_end, '%b %Y')
            else strftime(measured.period_start, '%b %Y') || ' to ' || strftime(measured.period_end, '%b %Y')
        end as period_label,
        case when measured.status = 'ok' then measured.least end as value,
        -- what ONS suppresses is not always small, so only the published total sets an upper bound
        case when measured.status = 'partial' or (measured.status = 'c' and measured.most is not null) then measured.least end as lower,
        case when measured.status in ('partial', 'c') then measured.most end as upper,
        case
            when measured.status = 'partial' or (measured.status = 'c' and measured.most is not null) then 'bound'
            else 'none'
        end as interval_kind,
        null as base,
        null as coverage

    from measured
    left join sub_majors on measured.subgroup = sub_majors.soc_code

)

select {{ indicator_columns() }}

from published
