{#- What is compared from release to release: mart, the measure, what tells its series apart, and how it reads. -#}
{% set computed = [
    {'mart': 'ksb_demand', 'measure': 'share', 'basis': 'basis', 'item': 'ksb_id', 'unit': 'share'},
    {'mart': 'ksb_supply', 'measure': 'share', 'basis': "basis || ' | ' || provision", 'item': 'ksb_id', 'unit': 'share'},
    {'mart': 'ksb_gap', 'measure': 'gap_pp', 'basis': "demand_basis || ' | ' || supply_basis", 'item': 'ksb_id', 'unit': 'percentage points'},
    {'mart': 'mismatch_index', 'measure': 'mismatch_index', 'basis': "demand_basis || ' | ' || supply_basis", 'item': "kind || ' | ' || level", 'unit': 'index'},
    {'mart': 'location_quotient', 'measure': 'lq', 'basis': 'basis', 'item': 'item', 'unit': 'quotient'},
    {'mart': 'local_in_demand', 'measure': 'in_demand_index', 'basis': 'cast(null as varchar)', 'item': 'soc_code', 'unit': 'mean of robust z-scores'},
] %}
{% set compared = ['row_key', 'value', 'status', 'boundary_fit', 'method_version', 'release_id', 'known_from', 'is_sample'] %}

with

reasons as (

    select * from {{ ref('release_reason') }}

),

releases as (

    select * from {{ ref('stg_observatory__release') }}

),

published as (

    select
        row_key,
        'fct_indicator' as mart,
        metric,
        measure_basis as basis,
        breakdown,
        subgroup as item,
        subgroup_label as label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        boundary_fit,
        value,
        status,
        unit,
        method_version,
        release_id,
        known_from,
        is_sample

    from {{ ref('fct_indicator_history') }}

    union all

    select
        row_key,
        'forecast_demand' as mart,
        'openings_per_year' as metric,
        cast(null as varchar) as basis,
        grain as breakdown,
        key as item,
        label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        horizon as period_label,
        boundary_fit,
        openings_per_year as value,
        status,
        unit,
        method_version,
        vintage as release_id,
        known_from,
        is_sample

    from {{ ref('forecast_demand_history') }}

),

published_pairs as (

    select
        *,
        {% for column in compared -%}
        lag({{ column }}) over series as old_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from published
    window series as (
        partition by mart, metric, basis, breakdown, item, area_code, boundary_version, period_start, period_end
        order by known_from, release_id
    )

),

computed as (

    {% for one in computed -%}
    select
        row_key,
        '{{ one.mart }}' as mart,
        '{{ one.measure }}' as metric,
        {{ one.basis }} as basis,
        cast(null as varchar) as breakdown,
        {{ one.item }} as item,
        cast(null as varchar) as label,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        cast(null as varchar) as boundary_fit,
        cast({{ one.measure }} as double) as value,
        status,
        '{{ one.unit }}' as unit,
        method_version,
        release_id,
        known_from,
        is_sample

    from {{ ref(one.mart ~ '_history') }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

-- a series of one period is compared with itself: a later period's number is no revision of an earlier one's
computed_pairs as (

    select
        *,
        {% for column in compared -%}
        lag({{ column }}) over series as old_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from computed
    window series as (partition by mart, row_key, period_label order by known_from)

),

pairs as (

    select * from published_pairs
    where old_release_id is not null

    union all

    select * from computed_pairs
    where old_release_id is not null

),

-- a last bit of a number read in another way is no revision
revised as (

    select
        *,
        round(value - old_value, 9) as absolute

    from pairs
    where coalesce(abs(value - old_value) > 1e-9 * greatest(abs(value), abs(old_value)), (value is null) <> (old_value is null)) or status <> old_status

),

stated as (

    select
        releases.release_id,
        reasons.reason,
        reasons.note

    from releases
    inner join reasons on releases.dataset = reasons.dataset and cast(releases.known_from as date) = reasons.known_on

),

-- a release that is new in the later of two sets of releases, and of which its publisher gave a reason
stated_of_pairs as (

    select
        changes.old_release_id,
        changes.release_id,
        min(stated.reason) as reason,
        string_agg(distinct stated.note, '; ' order by stated.note) as note

    from (select distinct old_release_id, release_id from revised) as changes
    inner join stated
        on
            list_contains(string_split(changes.release_id, ','), stated.release_id)
            and not list_contains(string_split(changes.old_release_id, ','), stated.release_id)
    group by 1, 2

),

explained as (

    select
        revised.*,
        stated_of_pairs.reason as stated_reason,
        stated_of_pairs.note

    from revised
    left join stated_of_pairs on revised.release_id = stated_of_pairs.release_id and revised.old_release_id = stated_of_pairs.old_release_id

)

select
    mart,
    metric,
    basis,
    breakdown,
    item,
    label,
    area_code,
    boundary_version,
    period_start,
    period_end,
    period_label,
    old_row_key,
    row_key as new_row_key,
    old_value as old,
    value as new,
    absolute,
    round(absolute / nullif(abs(old_value), 0), 9) as relative,
    coalesce(sign(old_value) * sign(value) < 0, false) as sign_flip,
    old_status,
    status as new_status,
    case
        when stated_reason is not null then stated_reason
        when boundary_fit <> old_boundary_fit then 'boundary'
        when method_version <> old_method_version then 'methodology'
        else 'routine'
    end as reason,
    note,
    unit,
    old_release_id,
    release_id as new_release_id,
    old_known_from,
    known_from,
    is_sample or old_is_sample as is_sample

from explained
