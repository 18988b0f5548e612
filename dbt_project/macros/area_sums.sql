{#- Sums for the areas that publishers give no figure for, over the districts they are made of, with what is certain of them.

    cells: relation with one row per `by` and place: place_code, source_file, source_row, release_id, is_sample, known_from, known_to, the columns
           of `by`, and for each measure <measure>_lower and <measure>_upper (equal where the number is exact, NULL where nothing bounds it)
    raw_table: the raw table the cells are rows of
    by: the columns that tell figures of one area apart
    measures: what is summed
    present_by: of a file that leaves out zeros, the columns within which a place with any row counts as being there; else none

    Gives the columns of `by`, area_code, boundary_version, places (how many the area has), places_counted, is_complete, the release's columns, sources,
    and for each measure <measure>_lower, NULL where no place has one, and <measure>_upper, NULL unless every place is there and bounded: what a missing
    place adds is unknown. Areas that are one place are left out: theirs is the published row. -#}
{% macro area_sums(cells, raw_table, by, measures, present_by=none) -%}
select
        {% for column in by -%}
        cells.{{ column }},
        {% endfor -%}
        places.area_code,
        places.boundary_version,
        places.places,
        count(distinct cells.place_code) as places_counted,
        {% if present_by -%}
        any_value(present.places_present) = places.places as is_complete,
        {%- else -%}
        count(distinct cells.place_code) = places.places as is_complete,
        {%- endif %}
        {% for measure in measures -%}
        sum(cells.{{ measure }}_lower) as {{ measure }}_lower,
        case
            when
                {% if present_by %}any_value(present.places_present){% else %}count(distinct cells.place_code){% endif %} = places.places
                and bool_and(cells.{{ measure }}_upper is not null)
                then sum(cells.{{ measure }}_upper)
        end as {{ measure }}_upper,
        {% endfor -%}
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to,
        {{ cited_all(raw_table, 'cells') }} as sources

    from {{ cells }} as cells
    inner join {{ ref('int_area_place') }} as places on cells.place_code = places.place_code and places.places > 1
    {%- if present_by %}
    inner join (
        select
            around.area_code,
            around.boundary_version,
            {% for column in present_by -%}
            held.{{ column }},
            {% endfor -%}
            held.release_id,
            count(distinct held.place_code) as places_present

        from {{ cells }} as held
        inner join {{ ref('int_area_place') }} as around on held.place_code = around.place_code
        group by all
    ) as present
        on
            places.area_code = present.area_code
            and places.boundary_version = present.boundary_version
            and cells.release_id = present.release_id
            {% for column in present_by -%}
            and cells.{{ column }} = present.{{ column }}
            {% endfor -%}
    {%- endif %}
    group by
        {% for column in by -%}
        cells.{{ column }},
        {% endfor -%}
        places.area_code,
        places.boundary_version,
        places.places,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to
{%- endmacro %}

{#- The number a sum is given as: the middle of its bounds if they are within 5% of it, else none. -#}
{% macro point_of(lower, upper) -%}
case when {{ upper }} - {{ lower }} <= 0.05 * ({{ lower }} + {{ upper }}) / 2 then ({{ lower }} + {{ upper }}) / 2 end
{%- endmacro %}

{#- Bounds of a volume that DfE rounds to 10 and marks `low` from 1 to 4, so that a published 0 is a true 0. -#}
{% macro rounded_lower(value, status) -%}
case
        when {{ status }} = 'low' then 1
        when {{ status }} = 'c' then 0
        when {{ value }} is not null then greatest({{ value }} - if({{ value }} = 0, 0, 5), 0)
    end
{%- endmacro %}

{% macro rounded_upper(value, status) -%}
case
        when {{ status }} in ('low', 'c') then 4
        when {{ value }} is not null then {{ value }} + if({{ value }} = 0, 0, 5)
    end
{%- endmacro %}
