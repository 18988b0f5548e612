with

observations as (

    select * from {{ ref('stg_nomis__aps_employment') }}

),

sub_majors as (

    select
        soc_code,
        {{ normalised_title('title') }} as matching_title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'sub_major'

),

cells as (

    select
        area_code,
        boundary_version,
        breakdown,
        cell,
        category_label,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ estimate_and_confidence(status='value_status') }},
        {{ cited_all('nomis__aps_employment') }} as sources

    from observations
    group by all

),

judged as (

    select
        *,
        -- an estimate whose half-width is above a fifth of it is unreliable, whether or not the publisher says so
        case
            when value is not null and (confidence_status = 'u' or confidence > 0.2 * value) then 'u'
            else value_status
        end as status

    from cells

),

coded as (

    select
        judged.area_code,
        judged.boundary_version,
        judged.breakdown,
        judged.cell,
        case
            when judged.breakdown = 'total' then 'Total'
            else coalesce(sub_majors.soc_code, judged.category_label)
        end as subgroup,
        case when judged.breakdown = 'total' then 'Total' else judged.category_label end as subgroup_label,
        sub_majors.soc_code,
        judged.period_label,
        judged.period_start,
        judged.period_end,
        judged.value,
        judged.status,
        -- `low` means under 500 in this survey
        case
            -- greatest() passes over NULL, so a missing half-width would give 0
            when judged.value is not null and judged.confidence is not null then greatest(judged.value - judged.confidence, 0)
            when judged.status = 'low' then 0
        end as lower,
        case
            when judged.value is not null then judged.value + judged.confidence
            when judged.status = 'low' then 500
        end as upper,
        case
            when judged.value is not null and judged.confidence is not null then 'sampling'
            when judged.status = 'low' then 'bound'
            else 'none'
        end as interval_kind,
        -- no half-width is published for the smallest samples: the estimate is then taken to be no better than plus or minus itself
        coalesce(judged.confidence, judged.value) / 1.96 as standard_error,
        judged.sources,
        judged.release_id,
        judged.is_sample,
        judged.known_from,
        judged.known_to

    from judged
    left join sub_majors
        on
            judged.breakdown = 'occupation_sub_major'
            and {{ normalised_title('judged.category_label') }} = sub_majors.matching_title

)

select * from coded
