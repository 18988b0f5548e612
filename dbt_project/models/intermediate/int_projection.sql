with

employment as (

    select * from {{ ref('stg_skills_imperative__employment') }}

),

fits as (

    select * from {{ ref('int_area_fit') }}

),

groups as (

    select
        soc_code,
        level,
        {{ normalised_title('title') }} as matching_title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level in ('major', 'sub_major')

),

coded as (

    select
        fits.area_code,
        fits.boundary_version,
        fits.boundary_fit,
        fits.coverage,
        case
            when employment.level in ('major', 'sub_major') then 'occupation_' || employment.level
            else employment.level
        end as breakdown,
        case
            when employment.level = 'total' then 'Total'
            else coalesce(employment.category_code, groups.soc_code, employment.category_label)
        end as subgroup,
        case when employment.level = 'total' then 'Total' else employment.category_label end as subgroup_label,
        employment.year,
        employment.employment,
        employment.status as published_status,
        employment.source_file,
        employment.source_row,
        employment.release_id,
        employment.is_sample,
        employment.known_from,
        employment.known_to

    from employment
    inner join fits
        on
            employment.release_id = fits.release_id
            and employment.area_kind = fits.area_kind
            and employment.area_name = fits.area_name
    left join groups
        on
            employment.level = groups.level
            and {{ normalised_title('employment.category_label') }} = groups.matching_title
    -- the total stands on several sheets; the occupations' is taken, then the industries'
    qualify
        employment.level <> 'total'
        or row_number() over (
            partition by employment.release_id, fits.area_code, fits.boundary_version, employment.level, employment.year
            order by case employment.breakdown when 'occupation' then 1 when 'industry' then 2 else 3 end
        ) = 1

),

judged as (

    select
        *,
        -- the workbook's own rule: under 1,000 is not published, under 10,000 is of low reliability
        case
            when employment is null then published_status
            when employment < 1000 then 'x'
            when employment < 10000 then 'low_reliability'
            -- a number of another version of the area
            when boundary_fit <> 'exact' and published_status = 'ok' then 'partial'
            else published_status
        end as status

    from coded

)

select * from judged
