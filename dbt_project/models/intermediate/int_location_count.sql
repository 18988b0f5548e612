with

employment as (

    select * from {{ ref('int_employment') }}
    where known_to is null and breakdown in ('total', 'occupation_sub_major')

),

indicators as (

    select * from {{ ref('int_indicator') }}
    where known_to is null

),

demand as (

    -- the twelve months of adverts are not the same ones for districts and for the region they would be compared with
    select * from {{ ref('ksb_demand') }}
    where share is not null and basis <> 'flow_ads'

),

weights as (

    select
        *,
        greatest(weight, 0) as w

    from {{ ref('int_demand_weight') }}
    where weight is not null

),

incidence as (

    select * from {{ ref('int_demand_incidence') }}

),

-- a survey's estimates: the relative variance of a share is that of the part less that of the whole, which the part belongs to
occupations as (

    select
        'occupation' as item_kind,
        parts.breakdown as level,
        parts.subgroup as item,
        parts.subgroup_label as label,
        parts.area_code,
        parts.boundary_version,
        'employment' as basis,
        parts.period_start,
        parts.period_end,
        parts.period_label,
        parts.value as amount,
        wholes.value as total,
        cast(null as double) as dispersion,
        power(parts.standard_error / nullif(parts.value, 0), 2)
        + power(wholes.standard_error / nullif(wholes.value, 0), 2)
        * case when parts.standard_error / parts.value > wholes.standard_error / wholes.value then -1 else 1 end as share_variance,
        parts.status,
        cast(null as double) as coverage,
        'persons' as amount_unit,
        cast(null as varchar) as taxonomy_version,
        parts.known_from,
        parts.release_id,
        parts.is_sample

    from employment as parts
    left join employment as wholes
        on
            wholes.breakdown = 'total'
            and parts.area_code = wholes.area_code
            and parts.boundary_version = wholes.boundary_version
            and parts.period_end = wholes.period_end
            and parts.release_id = wholes.release_id
    where parts.soc_code is not null

),

-- no sampling error is published with the jobs: what is left is the error of a count
industries as (

    select
        'industry' as item_kind,
        parts.breakdown as level,
        parts.subgroup as item,
        parts.subgroup_label as label,
        parts.area_code,
        parts.boundary_version,
        parts.measure_basis as basis,
        parts.period_start,
        parts.period_end,
        parts.period_label,
        parts.value as amount,
        wholes.value as total,
        1.0 as dispersion,
        cast(null as double) as share_variance,
        parts.status,
        cast(null as double) as coverage,
        'jobs' as amount_unit,
        cast(null as varchar) as taxonomy_version,
        parts.known_from,
        parts.release_id,
        parts.is_sample

    from indicators as parts
    left join indicators as wholes
        on
            wholes.metric = 'jobs'
            and wholes.breakdown = 'total'
            and parts.measure_basis = wholes.measure_basis
            and parts.area_code = wholes.area_code
            and parts.boundary_version = wholes.boundary_version
            and parts.period_end = wholes.period_end
            and parts.release_id = wholes.release_id
    where parts.metric = 'jobs' and parts.breakdown in ('industry', 'industry_section')

),

monthly as (

    select
        *,
        coalesce(value, lower) as adverts

    from indicators
    where metric = 'online_job_adverts' and measure_basis = 'new_adverts' and breakdown = 'occupation_sub_major' and subgroup <> 'Unknown'

),

-- the newest twelve months, but only those held of every area, so that all are compared over the same ones
months_held as (

    select
        period_start,
        count(distinct area_code || boundary_version) as areas

    from monthly
    group by 1
    qualify areas = max(areas) over () and row_number() over (partition by areas order by period_start desc) <= 12

),

-- whatever the publisher withholds is left out
months as (

    select monthly.*

    from monthly
    inner join months_held using (period_start)

),

changes as (

    select
        area_code,
        boundary_version,
        subgroup,
        value,
        value - lag(value) over (partition by area_code, boundary_version, subgroup order by period_start) as change

    from months

),

-- a Poisson count differs from the next by a variance of twice its mean; chance alone is the least
dispersions as (

    select
        area_code,
        boundary_version,
        greatest(coalesce(avg(dispersion order by subgroup), 1), 1) as dispersion

    from (
        select
            area_code,
            boundary_version,
            subgroup,
            round(var_samp(change) / (2 * nullif(avg(value), 0)), 9) as dispersion

        from changes
        group by 1, 2, 3
        having bool_and(value is not null) and count(*) > 2
    ) as by_occupation
    group by 1, 2

),

adverts as (

    select
        'occupation' as item_kind,
        'occupation_sub_major' as level,
        months.subgroup as item,
        any_value(months.subgroup_label) as label,
        months.area_code,
        months.boundary_version,
        'new_adverts' as basis,
        min(months.period_start) as period_start,
        max(months.period_end) as period_end,
        strftime(min(months.period_start), '%b %Y') || ' to ' || strftime(max(months.period_end), '%b %Y') as period_label,
        sum(months.adverts) as amount,
        coalesce(any_value(dispersions.dispersion), 1) as dispersion,
        case
            when bool_and(months.status = 'ok') then 'ok'
            when sum(months.adverts) is not null then 'partial'
            when bool_or(months.status = 'c') then 'c'
            else 'x'
        end as status,
        max(months.known_from) as known_from,
        max(months.release_id) as release_id,
        bool_or(months.is_sample) as is_sample

    from months
    left join dispersions using (area_code, boundary_version)
    group by months.area_code, months.boundary_version, months.subgroup

),

counted as (

    select
        item_kind,
        level,
        item,
        label,
        area_code,
        boundary_version,
        basis,
        -- the same months for every occupation, though one may not have been advertised in each
        min(period_start) over area as period_start,
        max(period_end) over area as period_end,
        strftime(min(period_start) over area, '%b %Y') || ' to ' || strftime(max(period_end) over area, '%b %Y') as period_label,
        amount,
        sum(amount) over area as total,
        dispersion,
        cast(null as double) as share_variance,
        status,
        cast(null as double) as coverage,
        'adverts' as amount_unit,
        cast(null as varchar) as taxonomy_version,
        known_from,
        release_id,
        is_sample

    from adverts
    window area as (partition by area_code, boundary_version)

),

-- what an occupation asks of one kind and level in all
asked as (

    select
        kind,
        level,
        soc_code,
        sum(incidence order by ksb_id) as all_incidence

    from incidence
    group by 1, 2, 3

),

wholes as (

    select
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        asked.kind,
        asked.level,
        sum(weights.w * asked.all_incidence order by weights.soc_code) as total,
        sum(power(asked.all_incidence * weights.standard_error, 2) order by weights.soc_code) as squares

    from weights
    inner join asked on weights.soc_code = asked.soc_code
    group by 1, 2, 3, 4, 5

),

parts as (

    select
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        incidence.ksb_id,
        sum(power(incidence.incidence * weights.standard_error, 2) order by weights.soc_code) as squares,
        sum(incidence.incidence * asked.all_incidence * power(weights.standard_error, 2) order by weights.soc_code) as products,
        bool_and(weights.standard_error is not null) as has_error

    from weights
    inner join incidence on weights.soc_code = incidence.soc_code
    inner join asked on incidence.soc_code = asked.soc_code and incidence.kind = asked.kind and incidence.level = asked.level
    group by 1, 2, 3, 4

),

-- A KSB's volume is no count. Its share d = Σ W·p / Σ W·P moves with the weights by (p − d·P)/ΣWP each, so Var(d) = Σ (p − d·P)²·Var(W) / (ΣWP)².
-- Incidences are national, the same on both sides of the quotient, and add no error to it.
ksbs as (

    select
        'ksb' as item_kind,
        demand.level,
        demand.ksb_id as item,
        cast(null as varchar) as label,
        demand.area_code,
        demand.boundary_version,
        demand.basis,
        demand.period_start,
        demand.period_end,
        demand.period_label,
        demand.volume as amount,
        wholes.total,
        cast(null as double) as dispersion,
        case
            when parts.has_error
                then
                    greatest(parts.squares - 2 * demand.share * parts.products + power(demand.share, 2) * wholes.squares, 0)
                    / nullif(power(wholes.total * demand.share, 2), 0)
        end as share_variance,
        demand.status,
        demand.coverage,
        demand.unit as amount_unit,
        demand.taxonomy_version,
        demand.known_from,
        demand.release_id,
        demand.is_sample

    from demand
    inner join wholes
        on
            demand.area_code = wholes.area_code
            and demand.boundary_version = wholes.boundary_version
            and demand.basis = wholes.basis
            and demand.kind = wholes.kind
            and demand.level = wholes.level
    inner join parts
        on
            demand.area_code = parts.area_code
            and demand.boundary_version = parts.boundary_version
            and demand.basis = parts.basis
            and demand.ksb_id = parts.ksb_id

),

unioned as (

    select * from occupations

    union all by name

    select * from industries

    union all by name

    select * from counted

    union all by name

    select * from ksbs

)

select
    item_kind,
    level,
    item,
    label,
    area_code,
    boundary_version,
    basis,
    period_start,
    period_end,
    period_label,
    round(amount, 6) as amount,
    round(total, 6) as total,
    round(dispersion, 9) as dispersion,
    -- as the standard error of a logarithm would be squared
    round(share_variance, 12) as share_variance,
    status,
    coverage,
    amount_unit,
    taxonomy_version,
    known_from,
    release_id,
    is_sample

from unioned
