with

measures as (

    select
        metric,
        raw_table,
        string_agg(raw_column, ',' order by raw_column) as raw_column

    from {{ ref('metric_column') }}
    group by metric, raw_table

),

cited as (

    select
        row_key,
        metric,
        release_id,
        unnest(sources) as cell

    from {{ ref('int_indicator') }}

),

forecasts as (

    select * from {{ ref('forecast_demand') }}
    where grain = 'occupation'

),

unioned as (

    select
        'fct_indicator' as relation,
        cited.row_key as key,
        cited.cell.raw_table,
        measures.raw_column,
        cited.release_id,
        cited.cell.source_file,
        cited.cell.source_row

    from cited
    inner join measures on cited.metric = measures.metric and cited.cell.raw_table = measures.raw_table

    union all

    select
        'forecast_demand' as relation,
        forecasts.row_key as key,
        'skills_imperative__replacement_demand' as raw_table,
        'net_change_thousands,replacement_demand_thousands' as raw_column,
        openings.release_id,
        openings.source_file,
        openings.source_row

    from forecasts
    inner join {{ ref('int_openings') }} as openings
        on
            forecasts.vintage = openings.release_id
            and forecasts.area_code = openings.area_code
            and forecasts.boundary_version = openings.boundary_version
            and forecasts.key = openings.subgroup
            and forecasts.horizon = openings.period_label

    union all

    select
        relation,
        key,
        raw_table,
        raw_column,
        release_id,
        source_file,
        source_row

    from {{ ref('int_provenance_node') }}

)

select
    relation,
    key,
    raw_table,
    raw_column,
    release_id,
    source_file,
    source_row

from unioned
-- so that one row is looked up in a small part of the table
order by relation, key
