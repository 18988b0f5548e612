{#- Titles of one thing differ between publishers in code, case, ampersand and punctuation; only letters are compared. -#}
{% macro normalised_title(column) -%}
regexp_replace(replace(lower({{ column }}), '&', 'and'), '[^a-z]', '', 'g')
{%- endmacro %}
