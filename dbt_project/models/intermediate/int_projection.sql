with

employment as (

    select * from {{ ref('stg_skills_imperative__employment') }}

),

areas as (

    select * from {{ ref('area') }}

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
        areas.area_code,
        areas.boundary_version,
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
    -- workbooks name their area and give no code; a former enterprise partnership can bear the name of an LSIP
    inner join areas
        on
            lower(employment.area_name) = lower(areas.area_name)
            and areas.area_type = case employment.area_kind when 'MCA' then 'CA' when 'Country' then 'country' else employment.area_kind end
    left join groups
        on
            employment.level = groups.level
            and {{ normalised_title('employment.category_label') }} = groups.matching_title
    -- the total stands on several sheets; the occupations' is taken, then the industries'
    qualify
        employment.level <> 'total'
        or row_number() over (
            partition by employment.release_id, areas.area_code, areas.boundary_version, employment.level, employment.year
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
            else published_status
        end as status

    from coded

)

select * from judged
