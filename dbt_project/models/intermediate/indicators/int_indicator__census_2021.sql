with

census as (

    select * from {{ ref('stg_nomis__census_2021') }}

),

shaped as (

    select
        'census_' || topic as metric,
        case
            when category = 'Total' then 'total'
            when topic = 'occupation' then 'occupation_major'
            else topic
        end as breakdown,
        category as subgroup,
        category_label as subgroup_label,
        null as measure_basis,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        value,
        null as lower,
        null as upper,
        'none' as interval_kind,
        max(case when category = 'Total' then value end) over (
            partition by topic, area_code, boundary_version, period_start, release_id
        ) as base,
        status,
        null as coverage,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ cited('nomis__census_2021') }} as sources

    from census

)

select {{ indicator_columns() }}

from shaped
