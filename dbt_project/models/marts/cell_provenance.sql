with

cited as (

    select
        row_key,
        release_id,
        unnest(sources) as cell

    from {{ ref('int_indicator') }}

),

forecasts as (

    select * from {{ ref('forecast_demand') }}

),

openings as (

    select * from {{ ref('int_openings') }}

),

releases as (

    select * from {{ ref('stg_observatory__release') }}

),

unioned as (

    select
        'fct_indicator' as mart,
        row_key,
        cell.raw_table,
        release_id,
        cell.source_file,
        cell.source_row

    from cited

    union all

    -- a KSB's openings stand on those of every occupation of the area
    select
        'forecast_demand' as mart,
        forecasts.row_key,
        'skills_imperative__replacement_demand' as raw_table,
        openings.release_id,
        openings.source_file,
        openings.source_row

    from forecasts
    inner join openings
        on
            forecasts.vintage = openings.release_id
            and forecasts.area_code = openings.area_code
            and forecasts.boundary_version = openings.boundary_version
            and (
                forecasts.key = openings.subgroup
                or (forecasts.grain = 'ksb' and openings.breakdown = 'occupation_sub_major')
            )

)

select
    unioned.mart,
    unioned.row_key,
    unioned.raw_table,
    releases.dataset,
    unioned.release_id,
    unioned.source_file,
    unioned.source_row,
    releases.url,
    releases.sha256

from unioned
inner join releases on unioned.release_id = releases.release_id
