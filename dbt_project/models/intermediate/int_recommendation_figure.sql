{#- What the published figures themselves show: finding, what it is looked for in, what it is. -#}
{%- set findings = [
    ('suppressed_figures', 'true', "status in ('c', 'low')"),
    ('unavailable_figures', 'true', "status = 'x'"),
    ('bounded_figures', 'true', "status = 'partial' and value is null"),
    ('boundary_gap', 'true', "boundary_fit <> 'exact'"),
    ('unreliable_figures', 'true', "status in ('u', 'low_reliability', 'low_base')"),
    ('no_interval', 'value is not null', "interval_kind = 'none'"),
    ('rounded_figures', 'value is not null', "interval_kind = 'bound' and upper > lower"),
] -%}
{#- Breakdowns that no classification has codes for, or that need none. -#}
{%- set plain = "('total', 'age', 'sex', 'age_sex', 'disadvantage')" -%}
{#- A label in the place of a code; a code whose label is not known is not one. -#}
{%- set unlabelled = "subgroup = subgroup_label and not regexp_full_match(subgroup, '[A-Z]{0,4}[0-9.]+')" -%}

with

indicators as (

    select * from {{ ref('fct_indicator') }}
    where known_to is null

),

cited as (

    select
        row_key,
        sources[1].raw_table as raw_table

    from {{ ref('int_indicator') }}
    where known_to is null

),

releases as (

    select * from {{ ref('stg_observatory__release') }}

),

metric_columns as (

    select * from {{ ref('metric_column') }}

),

areas as (

    select * from {{ ref('area') }}
    where role = 'focus'

),

figures as (

    select
        indicators.*,
        releases.dataset,
        cited.raw_table

    from indicators
    inner join cited on indicators.row_key = cited.row_key
    inner join releases on indicators.release_id = releases.release_id

),

held as (

    select distinct dataset, metric, raw_table from figures

),

-- the publisher's own names of what a metric is read from
named as (

    select
        held.dataset,
        held.metric,
        string_agg(distinct held.raw_table, ', ' order by held.raw_table) as raw_table,
        coalesce(string_agg(distinct metric_columns.raw_column, ', ' order by metric_columns.raw_column), held.metric) as field

    from held
    left join metric_columns on held.metric = metric_columns.metric and held.raw_table = metric_columns.raw_table
    group by held.dataset, held.metric

),

of_metric as (
    {% for finding, within, condition in findings %}
    select
        '{{ finding }}' as finding_id,
        dataset,
        metric,
        {% if finding == 'rounded_figures' -%}
        'plus or minus ' || format('{:g}', round(median((upper - lower) / 2) filter (where {{ condition }}), 3)) || ' ' || any_value(unit) as detail,
        {%- else -%}
        cast(null as varchar) as detail,
        {%- endif %}
        {{ figures_asked_for('dataset', within ~ ' and ' ~ condition) }} || ' and f.metric = ''' || metric || '''' as evidence,
        count(*) filter (where {{ condition }}) as n_affected,
        count(*) as n_total

    from figures
    where {{ within }}
    group by dataset, metric
    having count(*) filter (where {{ condition }}) > 0
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

with_value as (

    select distinct dataset, metric, area_code, boundary_version
    from figures
    where value is not null

),

wanted as (

    select
        named.dataset,
        named.metric,
        areas.area_code,
        areas.boundary_version,
        areas.area_name

    from named
    cross join areas

),

of_area as (

    select
        'areas_lacking' as finding_id,
        wanted.dataset,
        wanted.metric,
        string_agg(wanted.area_name || ' (' || wanted.boundary_version || ')', ', ' order by wanted.area_code, wanted.boundary_version)
            filter (where with_value.area_code is null) as detail,
        'select count(*) from seeds.area as a where a.role = ''focus'' and not exists (' || {{ figures_asked_for('wanted.dataset', 'value is not null', '1') }}
        || ' and f.metric = ''' || wanted.metric || ''' and f.area_code = a.area_code and f.boundary_version = a.boundary_version)' as evidence,
        count(*) filter (where with_value.area_code is null) as n_affected,
        count(*) as n_total

    from wanted
    left join with_value using (dataset, metric, area_code, boundary_version)
    group by wanted.dataset, wanted.metric
    having count(*) filter (where with_value.area_code is null) > 0

),

of_breakdown as (

    select
        'labels_only' as finding_id,
        dataset,
        string_agg(distinct raw_table, ', ' order by raw_table) as raw_table,
        breakdown as field,
        {{ figures_asked_for('dataset', unlabelled) }} || ' and f.breakdown = ''' || breakdown || '''' as evidence,
        count(*) filter (where {{ unlabelled }}) as n_affected,
        count(*) as n_total

    from figures
    where breakdown not in {{ plain }}
    group by dataset, breakdown
    having count(*) filter (where {{ unlabelled }}) > 0

),

unioned as (

    select of_metric.*, named.raw_table, named.field
    from of_metric
    inner join named using (dataset, metric)

    union all by name

    select of_area.*, named.raw_table, named.field
    from of_area
    inner join named using (dataset, metric)

    union all by name

    select * from of_breakdown

)

select
    finding_id,
    dataset,
    raw_table,
    field,
    metric,
    detail,
    evidence,
    n_affected,
    n_total

from unioned
