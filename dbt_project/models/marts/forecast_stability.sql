with

forecasts as (

    select * from {{ ref('forecast_demand') }}

),

-- what is ranked: reliable rows with a number; the total is no item
items as (

    select
        grain,
        coalesce(kind, 'all') as kind,
        coalesce(level, 'sub_major') as level,
        key,
        area_code,
        boundary_version,
        horizon,
        vintage,
        period_start,
        period_end,
        openings_per_year,
        net_change,
        coverage,
        taxonomy_version,
        known_from,
        release_id,
        is_sample

    from forecasts
    where reliability = 'ok' and value is not null and key <> 'Total'

),

paired as (

    select
        earlier.grain,
        earlier.kind,
        earlier.level,
        earlier.key,
        earlier.area_code,
        earlier.boundary_version,
        earlier.horizon,
        earlier.vintage as earlier_vintage,
        later.vintage as later_vintage,
        later.period_start,
        later.period_end,
        earlier.openings_per_year as earlier_openings,
        later.openings_per_year as later_openings,
        sign(earlier.net_change) * sign(later.net_change) < 0 as is_sign_flip,
        least(earlier.coverage, later.coverage) as coverage,
        later.taxonomy_version,
        greatest(earlier.known_from, later.known_from) as known_from,
        earlier.release_id as earlier_release_id,
        later.release_id as later_release_id,
        earlier.is_sample or later.is_sample as is_sample

    from items as earlier
    inner join items as later
        on
            earlier.grain = later.grain
            and earlier.kind = later.kind
            and earlier.level = later.level
            and earlier.key = later.key
            and earlier.area_code = later.area_code
            and earlier.boundary_version = later.boundary_version
            and earlier.horizon = later.horizon
            and (earlier.known_from, earlier.vintage) < (later.known_from, later.vintage)

),

-- rank 1 has the most openings; equal ones share the mean of their ranks
ranked as (

    select
        *,
        rank() over (earlier_order) + (count(*) over (earlier_ties) - 1) / 2.0 as earlier_rank,
        rank() over (later_order) + (count(*) over (later_ties) - 1) / 2.0 as later_rank

    from paired
    window
        earlier_order as (
            partition by grain, kind, level, area_code, boundary_version, horizon, earlier_vintage, later_vintage order by earlier_openings desc
        ),
        later_order as (
            partition by grain, kind, level, area_code, boundary_version, horizon, earlier_vintage, later_vintage order by later_openings desc
        ),
        earlier_ties as (
            partition by grain, kind, level, area_code, boundary_version, horizon, earlier_vintage, later_vintage, earlier_openings
        ),
        later_ties as (
            partition by grain, kind, level, area_code, boundary_version, horizon, earlier_vintage, later_vintage, later_openings
        )

),

-- Kendall's tau-b: of every two items, whether both vintages put them in the same order
concordances as (

    select
        one.grain,
        one.kind,
        one.level,
        one.area_code,
        one.boundary_version,
        one.horizon,
        one.earlier_vintage,
        one.later_vintage,
        sum(sign(one.earlier_rank - other.earlier_rank) * sign(one.later_rank - other.later_rank))
        / sqrt(
            nullif(sum(abs(sign(one.earlier_rank - other.earlier_rank))), 0)
            * nullif(sum(abs(sign(one.later_rank - other.later_rank))), 0)
        ) as kendall

    from ranked as one
    inner join ranked as other
        on
            one.grain = other.grain
            and one.kind = other.kind
            and one.level = other.level
            and one.area_code = other.area_code
            and one.boundary_version = other.boundary_version
            and one.horizon = other.horizon
            and one.earlier_vintage = other.earlier_vintage
            and one.later_vintage = other.later_vintage
            and one.key < other.key
    group by all

),

compared as (

    select
        grain,
        kind,
        level,
        area_code,
        boundary_version,
        horizon,
        earlier_vintage,
        later_vintage,
        min(period_start) as period_start,
        max(period_end) as period_end,
        count(*) as items,
        -- a correlation of two items says nothing, and of equal ranks there is none
        case
            when count(*) > 2 and count(distinct earlier_rank) > 1 and count(distinct later_rank) > 1 then corr(earlier_rank, later_rank)
        end as spearman,
        -- of the k highest of the later vintage, the share that was among the k highest before
        case when count(*) > 5 then count(case when earlier_rank <= 5 and later_rank <= 5 then 1 end) / 5.0 end as top_5_overlap,
        case when count(*) > 10 then count(case when earlier_rank <= 10 and later_rank <= 10 then 1 end) / 10.0 end as top_10_overlap,
        avg(abs(later_rank - earlier_rank)) / count(*) as mean_rank_shift,
        count(case when is_sign_flip then 1 end) as sign_flips,
        min(coverage) as coverage,
        max(taxonomy_version) as taxonomy_version,
        max(known_from) as known_from,
        array_to_string(list_sort(list_distinct(flatten(list(string_split(earlier_release_id || ',' || later_release_id, ','))))), ',') as release_id,
        bool_or(is_sample) as is_sample

    from ranked
    group by 1, 2, 3, 4, 5, 6, 7, 8

)

select
    {{ row_key([
        'compared.grain',
        'compared.kind',
        'compared.level',
        'compared.area_code',
        'compared.boundary_version',
        'compared.horizon',
        'compared.earlier_vintage',
        'compared.later_vintage'
    ]) }} as row_key,

    -- grain
    compared.grain,
    compared.kind,
    compared.level,
    compared.area_code,
    compared.boundary_version,
    compared.horizon,
    compared.earlier_vintage,
    compared.later_vintage,
    compared.period_start,
    compared.period_end,
    compared.horizon as period_label,

    -- numbers
    round(compared.spearman, 9) as spearman,
    case when compared.spearman is not null then round(concordances.kendall, 9) end as kendall,
    compared.top_5_overlap,
    compared.top_10_overlap,
    round(compared.mean_rank_shift, 9) as mean_rank_shift,
    compared.sign_flips,
    round(compared.spearman, 9) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    'none' as interval_kind,
    cast(compared.items as double) as base,
    case
        when compared.spearman is null then 'x'
        when compared.coverage < {{ var('coverage_gate') }} then 'partial'
        when compared.items < 10 then 'low_base'
        else 'ok'
    end as status,
    compared.coverage,
    'rank correlation' as unit,

    -- provenance
    '{{ var("method_version") }}' as method_version,
    compared.taxonomy_version,
    compared.known_from,
    cast(null as timestamp with time zone) as known_to,
    compared.release_id,
    compared.is_sample

from compared
left join concordances using (grain, kind, level, area_code, boundary_version, horizon, earlier_vintage, later_vintage)
