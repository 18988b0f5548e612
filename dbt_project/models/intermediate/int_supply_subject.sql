with

apprenticeships as (

    select * from {{ ref('stg_dfe__apprenticeships_by_subject') }}

),

aims as (

    select * from {{ ref('stg_dfe__fe_aims_by_subject') }}

),

places as (

    select * from {{ ref('int_area_place') }}

),

long as (

    {% for provision, relation, raw_table, level, measure in [
        ('apprenticeships', 'apprenticeships', 'dfe__apprenticeships_by_subject', 'apps_level', 'starts'),
        ('apprenticeships', 'apprenticeships', 'dfe__apprenticeships_by_subject', 'apps_level', 'achievements'),
        ('further_education', 'aims', 'dfe__fe_aims_by_subject', 'notional_nvq_level', 'enrolments'),
        ('further_education', 'aims', 'dfe__fe_aims_by_subject', 'notional_nvq_level', 'achievements'),
    ] -%}
    select
        '{{ provision }}' as provision,
        '{{ measure }}' as measure,
        area_code as place_code,
        time_period,
        is_full_year,
        {{ level }} = 'Total' as is_all_levels,
        {{ ssa1_key('ssa_tier_1') }} as reference,
        {{ measure }}_status as status,
        {{ rounded_lower(measure, measure ~ '_status') }} as lower,
        {{ rounded_upper(measure, measure ~ '_status') }} as upper,
        '{{ raw_table }}' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from {{ relation }}
    where ssa_tier_1 <> 'Total'
    {% if not loop.last %}union all

    {% endif %}
    {%- endfor %}
),

-- these files hold one year each: the word on a full year may stand in a release that others, of part of the next year, have followed
newest as (

    select *

    from long
    qualify known_from = max(known_from) over (partition by provision, measure, time_period)

),

-- all levels beside their parts: the whole where there is one, its parts where there is none
cells as (

    select *

    from newest
    qualify is_all_levels = bool_or(is_all_levels) over (partition by provision, measure, release_id, time_period, place_code, reference)

),

-- what nobody took up is not in the files, so a place is absent only if it has no row at all
present as (

    select
        places.area_code,
        places.boundary_version,
        cells.provision,
        cells.measure,
        cells.time_period,
        count(distinct cells.place_code) as places_present

    from cells
    inner join places on cells.place_code = places.place_code
    group by all

),

summed as (

    select
        places.area_code,
        places.boundary_version,
        places.places,
        cells.provision,
        cells.measure,
        cells.time_period,
        bool_and(cells.is_full_year) as is_full_year,
        cells.reference,
        count(*) as cells,
        any_value(cells.status) as only_status,
        sum(cells.lower) as lower,
        sum(cells.upper) as upper,
        bool_and(cells.lower is not null) as is_bounded,
        any_value(cells.release_id) as release_id,
        bool_or(cells.is_sample) as is_sample,
        any_value(cells.known_from) as known_from,
        list(
            {'raw_table': cells.raw_table, 'source_file': cells.source_file, 'source_row': cells.source_row}
            order by cells.source_file, cells.source_row
        ) as sources

    from cells
    inner join places on cells.place_code = places.place_code
    group by places.area_code, places.boundary_version, places.places, cells.provision, cells.measure, cells.time_period, cells.reference

),

judged as (

    select
        summed.*,
        (summed.lower + summed.upper) / 2 as estimate,
        summed.is_bounded and present.places_present = summed.places as is_complete

    from summed
    inner join present using (area_code, boundary_version, provision, measure, time_period)

)

select
    area_code,
    boundary_version,
    provision,
    measure,
    time_period,
    {{ academic_year_start('time_period') }} as period_start,
    {{ academic_year_end('time_period') }} as period_end,
    left(time_period, 4) || '/' || right(time_period, 2) || case when is_full_year then '' else ' year to date' end as period_label,
    is_full_year,
    reference,
    estimate,
    lower,
    upper,
    case
        when cells = 1 and places = 1 then only_status
        when is_complete and upper - lower <= 0.05 * estimate then 'ok'
        when lower is null then 'x'
        else 'partial'
    end as status,
    is_complete,
    release_id,
    is_sample,
    known_from,
    sources

from judged
