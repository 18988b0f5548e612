with

source as (

    select * from {{ source('raw', 'ofqual__qualifications') }}

),

renamed as (

    select
        -- ids
        qualification_number_plain,

        -- text
        qualification_number,
        title,
        status,
        organisation_name,
        organisation_number,
        type,
        ssa,
        level,
        sub_level,
        eqf_level,
        grading_type,
        standard_reference,
        standard_title,
        specification_url,
        assessment_methods,

        -- numerics
        total_credits,
        total_qualification_time,
        guided_learning_hours,
        minimum_guided_learning_hours,
        maximum_guided_learning_hours,

        -- booleans
        offered_in_england,

        -- dates and timestamps
        regulation_start_date,
        operational_start_date,
        operational_end_date,
        certification_end_date,
        review_date,
        last_updated,
        {{ release_columns() }}

    from source

)

select * from renamed
