with

claims as (

    select
        *,
        string_split(item, ' ') as slugs

    from {{ ref('stated_claim') }}
    where check_id in ('publication_interval', 'publication_lag')

),

datasets as (

    select * from {{ ref('dim_dataset') }}

),

metrics as (

    select * from {{ ref('metric') }}

),

-- publication_interval: how often the publisher publishes, as the datasets declare it
intervals as (

    select
        claims.claim_id,
        max(datasets.cadence_days) as recomputed_value,
        string_agg(
            datasets.slug || ' every ' || {{ claim_number('datasets.cadence_days') }} || ' days', ', ' order by datasets.cadence_days desc, datasets.slug
        ) as finding,
        'dim_dataset: longest cadence_days' as evidence,
        cast(null as varchar) as period_label,
        cast(null as varchar) as release_id,
        cast(null as timestamp with time zone) as known_from,
        false as is_sample

    from claims
    inner join datasets on list_contains(claims.slugs, datasets.slug)
    where claims.check_id = 'publication_interval' and datasets.cadence_days is not null
    group by 1

),

-- publication_lag: how old the newest complete period was on the day its figures came out
newest as (

    select
        claims.claim_id,
        metrics.source_dataset as slug,
        indicators.period_label,
        indicators.period_end,
        indicators.release_id,
        indicators.known_from,
        indicators.is_sample

    from claims
    inner join metrics on list_contains(claims.slugs, metrics.source_dataset)
    inner join {{ ref('fct_indicator') }} as indicators on metrics.metric = indicators.metric
    where
        claims.check_id = 'publication_lag'
        and indicators.known_to is null
        and indicators.value is not null
        and indicators.period_end < cast(indicators.known_from as date)
    qualify
        row_number() over (
            partition by claims.claim_id, metrics.source_dataset
            order by indicators.period_end desc, indicators.row_key
        ) = 1

),

lags as (

    select
        claim_id,
        max(date_diff('day', period_end, cast(known_from as date))) as recomputed_value,
        string_agg(slug || ' ' || date_diff('day', period_end, cast(known_from as date)) || ' days after ' || period_end, ', ' order by slug) as finding,
        'fct_indicator: days from period_end to known_from, newest complete period' as evidence,
        string_agg(slug || ' ' || period_label, '|' order by slug) as period_label,
        string_agg(distinct release_id, ',' order by release_id) as release_id,
        max(known_from) as known_from,
        bool_or(is_sample) as is_sample

    from newest
    group by 1

),

unioned as (

    select * from intervals

    union all by name

    select * from lags

),

described as (

    select
        claims.claim_id,
        unioned.claim_id is not null as is_held,
        unioned.recomputed_value,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'none' as interval_kind,
        cast(null as double) as base,
        cast(null as double) as coverage,
        coalesce(unioned.finding, 'the datasets are not held') as finding,
        coalesce(unioned.evidence, 'none') as evidence,
        unioned.period_label,
        unioned.release_id,
        unioned.known_from,
        coalesce(unioned.is_sample, false) as is_sample

    from claims
    left join unioned on claims.claim_id = unioned.claim_id

)

select {{ claim_finding_columns() }}

from described
