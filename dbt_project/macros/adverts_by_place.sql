{#- Adverts with the place they count for. Regions have no total of their own in the file: theirs is the sum of their districts, of which all are kept.

    adverts: relation with the columns of stg_ons__online_job_adverts -#}
{% macro adverts_by_place(adverts) -%}
select
        area_code as place_code,
        *

    from {{ adverts }}
    where area_code is not null

    union all

    select
        region_code as place_code,
        *

    from {{ adverts }}
    where area_kind = 'district' and occupation_level = 'total' and region_code is not null
{%- endmacro %}
