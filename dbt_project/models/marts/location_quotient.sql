with

counts as (

    select * from {{ ref('int_location_count') }}

),

areas as (

    select * from {{ ref('area') }}

),

ksbs as (

    select
        ksb_id,
        label

    from {{ ref('dim_ksb') }}

),

-- England; of adverts, which are not held by occupation for England, the region
comparators as (

    select
        counts.item_kind,
        counts.level,
        counts.basis,
        counts.area_code,
        counts.boundary_version

    from counts
    inner join areas on counts.area_code = areas.area_code and counts.boundary_version = areas.boundary_version
    where areas.role = 'comparator' and areas.area_type in ('country', 'region')
    group by counts.item_kind, counts.level, counts.basis, counts.area_code, counts.boundary_version, areas.area_type
    qualify
        row_number() over (
            partition by counts.item_kind, counts.level, counts.basis
            order by areas.area_type = 'country' desc, counts.area_code
        ) = 1

),

paired as (

    select
        counts.* exclude (label),
        coalesce(counts.label, ksbs.label) as label,
        comparators.area_code as comparator_area_code,
        -- an area of more than a twentieth of what it is compared with is taken out of it
        counts.total > 0.05 * wider.total as is_taken_out,
        wider.amount - if(counts.total > 0.05 * wider.total, coalesce(counts.amount, 0), 0) as comparator_amount,
        wider.total - if(counts.total > 0.05 * wider.total, counts.total, 0) as comparator_total,
        wider.amount as whole_amount,
        wider.share_variance as whole_share_variance,
        wider.dispersion as comparator_dispersion,
        wider.status as comparator_status,
        wider.coverage as comparator_coverage,
        wider.known_from as comparator_known_from,
        wider.release_id as comparator_release_id,
        wider.is_sample as comparator_is_sample

    from counts
    inner join comparators
        on
            counts.item_kind = comparators.item_kind
            and counts.level = comparators.level
            and counts.basis = comparators.basis
            and (counts.area_code, counts.boundary_version) <> (comparators.area_code, comparators.boundary_version)
    left join counts as wider
        on
            comparators.area_code = wider.area_code
            and comparators.boundary_version = wider.boundary_version
            and counts.item_kind = wider.item_kind
            and counts.level = wider.level
            and counts.item = wider.item
            and counts.basis = wider.basis
            and counts.period_label = wider.period_label
    left join ksbs on counts.item_kind = 'ksb' and counts.item = ksbs.ksb_id

),

judged as (

    select
        *,
        -- worst of the two sides; fewer than ten are too few to compare
        case
            when status not in {{ statuses_with_value() }} then status
            when comparator_status is null then 'x'
            when comparator_status not in {{ statuses_with_value() }} then comparator_status
            when total is null or amount is null or comparator_total is null or comparator_amount is null then 'x'
            when total <= 0 or comparator_total <= 0 then 'z'
            when amount < 10 or comparator_amount < 10 then 'x'
            when 'partial' in (status, comparator_status) then 'partial'
            when 'u' in (status, comparator_status) then 'u'
            when 'low_reliability' in (status, comparator_status) then 'low_reliability'
            when 'low_base' in (status, comparator_status) then 'low_base'
            else 'ok'
        end as quotient_status,
        -- Var(ln share): of counts 1/x − 1/n, times how much more than chance they move; else as given. What is left of a comparator is smaller
        -- than the whole its variance was given for, and that much less certain.
        coalesce(dispersion * (1 / nullif(amount, 0) - 1 / nullif(total, 0)), share_variance)
        + coalesce(
            comparator_dispersion * (1 / nullif(comparator_amount, 0) - 1 / nullif(comparator_total, 0)),
            whole_share_variance * whole_amount / nullif(comparator_amount, 0)
        ) as variance

    from paired

),

measured as (

    select
        *,
        case
            when quotient_status in {{ statuses_with_value() }} then (amount / total) / (comparator_amount / comparator_total)
        end as quotient

    from judged

),

-- rounded only where it is published: value and ends of one interval from the same number
intervals as (

    select
        *,
        quotient * exp(-1.96 * sqrt(if(variance < 0, 0, variance))) as lower_end,
        quotient * exp(1.96 * sqrt(if(variance < 0, 0, variance))) as upper_end

    from measured

)

select
    {{ row_key([
        'item_kind',
        'level',
        'item',
        'area_code',
        'boundary_version',
        'basis',
        'period_start',
        'period_end'
    ]) }} as row_key,

    -- grain
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

    -- numbers
    comparator_area_code,
    coalesce(is_taken_out, false) as is_taken_out,
    round(quotient, 9) as lq,
    case
        when lower_end > 1 then 'above'
        when upper_end < 1 then 'below'
        when lower_end is not null then 'not distinguishable'
    end as compared,
    amount,
    comparator_amount,
    round(quotient, 9) as value,
    round(lower_end, 9) as lower,
    round(upper_end, 9) as upper,
    case when lower_end is null then 'none' else 'sampling' end as interval_kind,
    case when amount_unit in ('adverts', 'jobs') then amount end as base,
    quotient_status as status,
    least(coverage, comparator_coverage) as coverage,
    'quotient' as unit,

    -- provenance
    '{{ var("method_version") }}' as method_version,
    taxonomy_version,
    greatest(known_from, comparator_known_from) as known_from,
    cast(null as timestamp with time zone) as known_to,
    array_to_string(list_sort(list_distinct(string_split(concat_ws(',', release_id, comparator_release_id), ','))), ',') as release_id,
    is_sample or coalesce(comparator_is_sample, false) as is_sample

from intervals
