with

elements as (

    select * from {{ ref('stg_onet__elements') }}
    where known_to is null

),

esco as (

    select * from {{ ref('stg_esco__skills') }}
    where known_to is null and uri is not null

),

uk_ssc as (

    select * from {{ ref('int_uk_ssc_skill') }}

),

judged as (

    select
        areas.ksb_id,
        'observatory' as from_scheme,
        crosswalk.scheme as to_scheme,
        crosswalk.concept_id as to_id,
        elements.name as to_label,
        crosswalk.relation,
        'judged' as source,
        'CC-BY-4.0' as licence,
        elements.release_id,
        elements.is_sample,
        elements.known_from

    from {{ ref('ksb_area_crosswalk') }} as crosswalk
    inner join {{ ref('ksb_area') }} as areas on crosswalk.ksb_id = areas.ksb_id
    -- the concepts of the release held; those of other releases have other ids
    inner join elements on crosswalk.concept_id = elements.element_id
    where crosswalk.scheme = 'onet'

),

esco_names as (

    select
        uri,
        {{ normalised_label('label') }} as name,
        'exact' as relation,
        'equal label' as source

    from esco

    union all

    select
        uri,
        {{ normalised_label("unnest(string_split(alt_labels, ' | '))") }} as name,
        'close' as relation,
        'equal alternative label' as source

    from esco
    where alt_labels is not null

),

equal as (

    select
        uk_ssc.skill_ksb_id as ksb_id,
        'uk_ssc' as from_scheme,
        'esco' as to_scheme,
        esco.uri as to_id,
        esco.label as to_label,
        esco_names.relation,
        esco_names.source,
        '2011/833/EU' as licence,
        concat_ws(',', least(uk_ssc.release_id, esco.release_id), greatest(uk_ssc.release_id, esco.release_id)) as release_id,
        uk_ssc.is_sample or esco.is_sample as is_sample,
        greatest(uk_ssc.known_from, esco.known_from) as known_from

    from uk_ssc
    inner join esco_names on {{ normalised_label('uk_ssc.skill') }} = esco_names.name
    inner join esco on esco_names.uri = esco.uri
    -- an alternative label says no more where the label itself is equal
    qualify row_number() over (partition by uk_ssc.skill_ksb_id, esco.uri order by esco_names.relation desc) = 1

)

select * from judged

union all

select * from equal
