with

requirements as (

    select * from {{ ref('stg_skills_imperative__replacement_demand') }}

),

fits as (

    select * from {{ ref('int_area_fit') }}

),

openings as (

    select
        fits.area_code,
        fits.boundary_version,
        fits.boundary_fit,
        fits.coverage,
        case when requirements.level = 'total' then 'total' else 'occupation_' || requirements.level end as breakdown,
        case when requirements.level = 'total' then 'Total' else requirements.occupation_code end as subgroup,
        case when requirements.level = 'total' then 'Total' else requirements.occupation_label end as subgroup_label,
        requirements.base_year,
        requirements.horizon_year,
        requirements.base_year || '-' || requirements.horizon_year as period_label,
        make_date(cast(requirements.base_year as integer), 1, 1) as period_start,
        make_date(cast(requirements.horizon_year as integer), 12, 31) as period_end,
        requirements.employment_base,
        requirements.employment_horizon,
        requirements.net_change,
        requirements.replacement_demand,
        requirements.net_change + requirements.replacement_demand as total_requirement,
        (requirements.net_change + requirements.replacement_demand)
        / nullif(requirements.horizon_year - requirements.base_year, 0) as openings_per_year,
        -- the workbook's own rule, on the smaller end of the period
        case
            when requirements.net_change is null or requirements.replacement_demand is null then requirements.status
            when least(requirements.employment_base, requirements.employment_horizon) < 1000 then 'x'
            when least(requirements.employment_base, requirements.employment_horizon) < 10000 then 'low_reliability'
            -- a number of another version of the area
            when fits.boundary_fit <> 'exact' and requirements.status = 'ok' then 'partial'
            else requirements.status
        end as status,
        requirements.source_file,
        requirements.source_row,
        requirements.release_id,
        requirements.is_sample,
        requirements.known_from,
        requirements.known_to

    from requirements
    inner join fits
        on
            requirements.release_id = fits.release_id
            and requirements.area_kind = fits.area_kind
            and requirements.area_name = fits.area_name

)

select * from openings
