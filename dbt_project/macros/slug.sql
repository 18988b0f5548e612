{#- A label as part of an id: lower-case letters and digits, all else one underscore. observatory_assets.ksb.text.slug does the same; a test holds them equal.
    "+" and "#" are spelled out: the only labels of UK-SSC v0.9 that differ in signs alone are "Program in C", "Program in C#" and "Program in C++". -#}
{% macro slug(column) -%}
trim(regexp_replace(replace(replace(lower({{ column }}), '+', ' plus '), '#', ' sharp '), '[^a-z0-9]+', '_', 'g'), '_')
{%- endmacro %}

{#- The slug of a label, made unique within `scope` (SQL columns): labels that share one, or have none, carry the first 8 digits of their MD5. -#}
{% macro unique_slug(column, scope) -%}
case
            when min({{ column }}) over (partition by {{ scope }}, {{ slug(column) }}) <> max({{ column }}) over (partition by {{ scope }}, {{ slug(column) }})
                or {{ slug(column) }} = ''
                then {{ slug(column) }} || '_' || left(md5({{ column }}), 8)
            else {{ slug(column) }}
        end
{%- endmacro %}
