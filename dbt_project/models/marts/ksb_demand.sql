with

weights as (

    select
        *,
        -- openings can be negative; nobody is asked for where jobs disappear
        greatest(weight, 0) as w

    from {{ ref('int_demand_weight') }}
    where weight is not null

),

incidence as (

    select * from {{ ref('int_demand_incidence') }}

),

named as (

    select * from {{ ref('int_demand_named') }}

),

ksbs as (

    select * from {{ ref('dim_ksb') }}

),

lineage as (

    select
        basis,
        kind,
        level,
        {{ lineage() }}

    from {{ ref('int_ksb_lineage') }}
    group by 1, 2, 3

),

masses as (

    select
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        weights.period_label,
        weights.period_start,
        weights.period_end,
        named.kind,
        named.level,
        -- summed in a fixed order: the last bit of a sum depends on it, and a value that ends in 5 at the seventh decimal then rounds either way
        sum(weights.w * named.named_share order by weights.soc_code) as named_mass,
        sum(weights.w * named.unnamed_share order by weights.soc_code) as unnamed_mass,
        least(sum(weights.w) / nullif(max(weights.total_weight), 0), 1) as weight_covered

    from weights
    inner join named on weights.soc_code = named.soc_code
    group by all

),

covered as (

    select
        *,
        round(weight_covered * named_mass / nullif(named_mass + unnamed_mass, 0), 12) as coverage

    from masses

),

volumes as (

    select
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        incidence.kind,
        incidence.level,
        incidence.ksb_id,
        sum(weights.w * incidence.incidence order by weights.soc_code) as volume,
        -- Var(W·p) over independent occupations: p²·Var(W) + W²·Var(p) + Var(W)·Var(p), with Var(p) = p(1−p)/(n−1)
        sqrt(sum(
            power(incidence.incidence * weights.standard_error, 2)
            + (power(weights.w, 2) + power(weights.standard_error, 2))
            * coalesce(incidence.incidence * (1 - incidence.incidence) / nullif(incidence.n - 1, 0), 0)
            order by weights.soc_code
        )) as standard_error,
        bool_and(weights.standard_error is not null) as has_error,
        sum(incidence.n order by weights.soc_code) as base

    from weights
    inner join incidence on weights.soc_code = incidence.soc_code
    group by all

),

shared as (

    select
        *,
        volume / nullif(sum(volume) over (
            partition by area_code, boundary_version, basis, kind, level
            order by ksb_id
            rows between unbounded preceding and unbounded following
        ), 0) as share

    from volumes

),

rows_of_kind as (

    select
        covered.*,
        shared.ksb_id,
        shared.volume,
        shared.share,
        case when shared.has_error then shared.standard_error end as standard_error,
        shared.base

    from covered
    inner join shared
        on
            covered.area_code = shared.area_code
            and covered.boundary_version = shared.boundary_version
            and covered.basis = shared.basis
            and covered.kind = shared.kind
            and covered.level = shared.level

    union all

    select
        *,
        {{ unmapped_id('kind', 'level') }} as ksb_id,
        unnamed_mass as volume,
        null as share,
        null as standard_error,
        null as base

    from covered

),

final as (

    select
        {{ row_key([
            'rows_of_kind.ksb_id',
            'rows_of_kind.area_code',
            'rows_of_kind.boundary_version',
            "'all'",
            'rows_of_kind.basis'
        ]) }} as row_key,

        -- grain
        rows_of_kind.ksb_id,
        rows_of_kind.kind,
        rows_of_kind.level,
        rows_of_kind.area_code,
        rows_of_kind.boundary_version,
        'all' as sector,
        rows_of_kind.basis,
        rows_of_kind.period_start,
        rows_of_kind.period_end,
        rows_of_kind.period_label,

        -- numbers
        round(rows_of_kind.volume, 6) as volume,
        round(rows_of_kind.share, 12) as share,
        round(rows_of_kind.volume, 6) as value,
        case
            when rows_of_kind.standard_error is not null
                then round(greatest(rows_of_kind.volume - 1.96 * rows_of_kind.standard_error, 0), 6)
        end as lower,
        round(rows_of_kind.volume + 1.96 * rows_of_kind.standard_error, 6) as upper,
        case when rows_of_kind.standard_error is null then 'none' else 'sampling' end as interval_kind,
        cast(rows_of_kind.base as double) as base,
        case when rows_of_kind.coverage >= {{ var('coverage_gate') }} then 'ok' else 'partial' end as status,
        rows_of_kind.coverage,
        case rows_of_kind.basis when 'stock' then 'persons' else 'persons per year' end as unit,

        -- provenance
        '{{ var("method_version") }}' as method_version,
        ksbs.taxonomy_version,
        lineage.known_from,
        lineage.known_to,
        lineage.release_id,
        lineage.is_sample

    from rows_of_kind
    inner join ksbs on rows_of_kind.ksb_id = ksbs.ksb_id
    inner join lineage on rows_of_kind.basis = lineage.basis and rows_of_kind.kind = lineage.kind and rows_of_kind.level = lineage.level

)

select * from final
