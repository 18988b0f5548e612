with

registered as (

    select * from {{ ref('stg_ofqual__qualifications') }}
    where known_to is null

),

approved as (

    select * from {{ ref('stg_dfe__approved_qualifications') }}
    where known_to is null

),

offers as (

    select
        qualification_number_plain,
        string_agg(offer, ',' order by offer) as funded_offers,
        max(approval_end_date) as funded_until

    from {{ ref('stg_dfe__approved_qualification_offers') }}
    where known_to is null and is_available
    group by 1

),

-- NULL, not empty, while no list of approved qualifications is held: then nothing is known of funding
held as (

    select count(*) > 0 as is_held

    from approved

)

select
    coalesce(registered.qualification_number_plain, approved.qualification_number_plain) as qualification_number_plain,
    registered.qualification_number,
    coalesce(registered.title, approved.name) as title,
    registered.qualification_number_plain is not null as is_registered,
    approved.qualification_number_plain is not null as is_on_approved_list,
    registered.status,
    coalesce(registered.organisation_name, approved.awarding_organisation) as organisation_name,
    registered.organisation_number,
    coalesce(registered.type, approved.type) as type,
    coalesce(registered.level, approved.level) as level,
    coalesce(registered.ssa, approved.ssa) as ssa,
    registered.guided_learning_hours,
    registered.total_qualification_time,
    registered.regulation_start_date,
    registered.operational_start_date,
    registered.operational_end_date,
    registered.certification_end_date,
    registered.offered_in_england,
    registered.standard_reference,
    coalesce(offers.funded_offers, case when held.is_held then '' end) as funded_offers,
    offers.funded_until,
    approved.snapshot_date as approved_list_date,
    concat_ws(',', registered.release_id, approved.release_id) as release_id,
    coalesce(registered.is_sample, false) or coalesce(approved.is_sample, false) as is_sample,
    greatest(registered.known_from, approved.known_from) as known_from,
    cast(null as timestamp with time zone) as known_to

from registered
full join approved on registered.qualification_number_plain = approved.qualification_number_plain
left join offers on approved.qualification_number_plain = offers.qualification_number_plain
cross join held
