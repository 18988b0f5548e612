with

indicators as (

    select * from {{ ref('fct_indicator') }}

),

forecasts as (

    select * from {{ ref('forecast_demand') }}

),

observations as (

    select * from {{ ref('stg_nomis__aps_employment') }}

),

projection as (

    select * from {{ ref('int_projection') }}

),

openings as (

    select * from {{ ref('int_openings') }}

),

apprenticeship_cells as (

    select * from {{ ref('int_apprenticeship_cell') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

releases as (

    select * from {{ ref('stg_observatory__release') }}

),

unioned as (

    select
        'fct_indicator' as mart,
        indicators.row_key,
        'nomis__aps_employment' as raw_table,
        observations.release_id,
        observations.source_file,
        observations.source_row

    from indicators
    inner join observations
        on
            indicators.metric = 'employment'
            and indicators.release_id = observations.release_id
            and indicators.area_code = observations.area_code
            and indicators.boundary_version = observations.boundary_version
            and indicators.period_end = observations.period_end
            and indicators.breakdown = observations.breakdown
            and (indicators.breakdown = 'total' or indicators.subgroup_label = observations.category_label)

    union all

    -- a growth stands on the two years of its period, a level on one
    select
        'fct_indicator' as mart,
        indicators.row_key,
        'skills_imperative__employment' as raw_table,
        projection.release_id,
        projection.source_file,
        projection.source_row

    from indicators
    inner join projection
        on
            indicators.metric like 'employment_projection%'
            and indicators.release_id = projection.release_id
            and indicators.area_code = projection.area_code
            and indicators.boundary_version = projection.boundary_version
            and indicators.breakdown = projection.breakdown
            and indicators.subgroup = projection.subgroup
            and projection.year in (extract(year from indicators.period_start), extract(year from indicators.period_end))

    union all

    select
        'fct_indicator' as mart,
        indicators.row_key,
        'skills_imperative__replacement_demand' as raw_table,
        openings.release_id,
        openings.source_file,
        openings.source_row

    from indicators
    inner join openings
        on
            indicators.metric in ('net_change', 'replacement_demand', 'total_requirement')
            and indicators.release_id = openings.release_id
            and indicators.area_code = openings.area_code
            and indicators.boundary_version = openings.boundary_version
            and indicators.breakdown = openings.breakdown
            and indicators.subgroup = openings.subgroup

    union all

    select
        'fct_indicator' as mart,
        indicators.row_key,
        apprenticeship_cells.raw_table,
        apprenticeship_cells.release_id,
        apprenticeship_cells.source_file,
        apprenticeship_cells.source_row

    from indicators
    inner join places
        on
            indicators.area_code = places.area_code
            and indicators.boundary_version = places.boundary_version
    inner join apprenticeship_cells
        on
            places.place_code = apprenticeship_cells.place_code
            and indicators.metric = apprenticeship_cells.metric
            and indicators.release_id = apprenticeship_cells.release_id
            and indicators.breakdown = apprenticeship_cells.breakdown
            and indicators.subgroup = apprenticeship_cells.subgroup
            and indicators.period_start = {{ academic_year_start('apprenticeship_cells.time_period') }}

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
