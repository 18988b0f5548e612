with

-- the openings a current row of a KSB mart stands on are those of the current vintage
current_vintages as (

    select
        area_code,
        boundary_version,
        max(vintage) as vintage

    from {{ ref('forecast_demand') }}
    where grain = 'occupation' and known_to is null
    group by area_code, boundary_version

),

-- a quotient's area and its comparator
quotients as (

    {% for area, role in [('area_code', 'area'), ('comparator_area_code', 'comparator')] -%}
    select
        quotients.row_key,
        quotients.item_kind,
        quotients.level,
        quotients.item,
        quotients.basis,
        quotients.period_start,
        quotients.period_end,
        areas.area_code,
        areas.boundary_version,
        '{{ role }}' as role

    from {{ ref('location_quotient') }} as quotients
    inner join {{ ref('area') }} as areas
        on
            quotients.{{ area }} = areas.area_code
            {%- if area == 'area_code' %}
            and quotients.boundary_version = areas.boundary_version
            {%- endif %}

    {% if not loop.last %}union all

    {% endif %}
    {%- endfor %}
),

demand_sides as (

    {% for mart, basis, role in [
        ('ksb_demand', 'basis', 'null'),
        ('ksb_gap', 'demand_basis', "'demand'"),
        ('mismatch_index', 'demand_basis', "'demand'"),
    ] -%}
    select
        '{{ mart }}' as relation,
        row_key,
        {{ basis }} as basis,
        area_code,
        boundary_version,
        kind,
        cast({{ role }} as varchar) as role

    from {{ ref(mart) }}

    union all

    {% endfor -%}
    select
        'location_quotient' as relation,
        row_key,
        basis,
        area_code,
        boundary_version,
        split_part(item, '.', 1) as kind,
        role

    from quotients
    where item_kind = 'ksb'

),

supply_sides as (

    select
        'ksb_supply' as relation,
        row_key,
        basis,
        provision,
        area_code,
        boundary_version,
        kind,
        cast(null as varchar) as role

    from {{ ref('ksb_supply') }}
    {% for mart in ['ksb_gap', 'mismatch_index'] %}
    union all

    select
        '{{ mart }}' as relation,
        row_key,
        supply_basis as basis,
        'all' as provision,
        area_code,
        boundary_version,
        kind,
        'supply' as role

    from {{ ref(mart) }}
    {% endfor %}
),

forecasts as (

    select * from {{ ref('forecast_demand') }}

),

stabilities as (

    select
        comparisons.row_key,
        comparisons.grain,
        comparisons.kind,
        comparisons.area_code,
        comparisons.boundary_version,
        comparisons.horizon,
        sides.role,
        case sides.role when 'earlier' then comparisons.earlier_vintage else comparisons.later_vintage end as vintage

    from {{ ref('forecast_stability') }} as comparisons
    cross join (values ('earlier'), ('later')) as sides (role)

),

counted as (

    select
        row_key,
        metric,
        measure_basis,
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        period_start,
        period_end

    from {{ ref('int_indicator') }}
    where known_to is null and metric in ('employment', 'jobs')

),

grouped_ksbs as (

    {% for mart in ['ksb_demand', 'ksb_supply', 'ksb_gap', 'mismatch_index', 'ksb_signal'] -%}
    select
        '{{ mart }}' as relation,
        row_key

    from {{ ref(mart) }}
    where level = 'group'

    union all

    {% endfor -%}
    select
        'location_quotient' as relation,
        row_key

    from {{ ref('location_quotient') }}
    where item_kind = 'ksb' and level = 'group'

    union all

    select
        'forecast_demand' as relation,
        row_key

    from forecasts
    where level = 'group'

    union all

    select
        'forecast_stability' as relation,
        row_key

    from {{ ref('forecast_stability') }}
    where level = 'group'

),

unioned as (

    select
        sides.relation,
        sides.row_key,
        'demand_group' as input_relation,
        {{ provenance_key([
            'sides.basis',
            "case sides.basis when 'openings' then vintages.vintage end",
            'sides.area_code',
            'sides.boundary_version',
            demand_evidence('sides.kind'),
        ]) }} as input_key,
        sides.role

    from demand_sides as sides
    left join current_vintages as vintages on sides.area_code = vintages.area_code and sides.boundary_version = vintages.boundary_version

    union all

    select
        relation,
        row_key,
        'supply_group' as input_relation,
        {{ provenance_key(['basis', 'provision', 'area_code', 'boundary_version', 'kind']) }} as input_key,
        role

    from supply_sides

    union all

    select
        'forecast_demand' as relation,
        row_key,
        'demand_group' as input_relation,
        {{ provenance_key(["'openings'", 'vintage', 'area_code', 'boundary_version', demand_evidence('kind')]) }} as input_key,
        cast(null as varchar) as role

    from forecasts
    where grain = 'ksb'

    union all

    select
        'forecast_stability' as relation,
        row_key,
        'demand_group' as input_relation,
        {{ provenance_key(["'openings'", 'vintage', 'area_code', 'boundary_version', demand_evidence('kind')]) }} as input_key,
        role

    from stabilities
    where grain = 'ksb'

    union all

    select
        'forecast_stability' as relation,
        stabilities.row_key,
        'forecast_demand' as input_relation,
        forecasts.row_key as input_key,
        stabilities.role

    from stabilities
    inner join forecasts
        on
            stabilities.grain = forecasts.grain
            and stabilities.area_code = forecasts.area_code
            and stabilities.boundary_version = forecasts.boundary_version
            and stabilities.horizon = forecasts.horizon
            and stabilities.vintage = forecasts.vintage
            and forecasts.key <> 'Total'
    where stabilities.grain = 'occupation'

    union all

    select
        'ksb_signal' as relation,
        row_key,
        'demand_group' as input_relation,
        {{ provenance_key(["'advert_quarters'", 'area_code', 'boundary_version', demand_evidence('kind')]) }} as input_key,
        cast(null as varchar) as role

    from {{ ref('ksb_signal') }}

    union all

    select
        relation,
        row_key,
        'uk_ssc_skills' as input_relation,
        'current' as input_key,
        'classification' as role

    from grouped_ksbs

    union all

    -- an occupation's people or an industry's jobs, and all of the area's
    select
        'location_quotient' as relation,
        quotients.row_key,
        'fct_indicator' as input_relation,
        counted.row_key as input_key,
        case counted.breakdown when 'total' then quotients.role || ': total' else quotients.role end as role

    from quotients
    inner join counted
        on
            quotients.area_code = counted.area_code
            and quotients.boundary_version = counted.boundary_version
            and quotients.period_start = counted.period_start
            and quotients.period_end = counted.period_end
            and (
                (quotients.basis = 'employment' and counted.metric = 'employment')
                or (quotients.item_kind = 'industry' and counted.metric = 'jobs' and quotients.basis = counted.measure_basis)
            )
            and (
                counted.breakdown = 'total'
                or (quotients.level = counted.breakdown and quotients.item = counted.subgroup)
            )

    union all

    select
        'location_quotient' as relation,
        row_key,
        'advert_count' as input_relation,
        {{ provenance_key(['area_code', 'boundary_version']) }} as input_key,
        role

    from quotients
    where basis = 'new_adverts'

    union all

    select
        'local_in_demand' as relation,
        row_key,
        'in_demand_series' as input_relation,
        {{ provenance_key(['area_code', 'boundary_version', 'soc_code']) }} as input_key,
        'own series' as role

    from {{ ref('local_in_demand') }}

    union all

    select
        'local_in_demand' as relation,
        row_key,
        'in_demand_area' as input_relation,
        {{ provenance_key(['area_code', 'boundary_version']) }} as input_key,
        'other occupations' as role

    from {{ ref('local_in_demand') }}

    union all

    select
        relation,
        row_key,
        input_relation,
        input_key,
        role

    from {{ ref('int_provenance_group') }}

)

select
    relation,
    row_key,
    input_relation,
    input_key,
    role

from unioned
-- so that one row is looked up in a small part of the table
order by relation, row_key
