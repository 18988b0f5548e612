{#- Columns every staging model ends with: which release said so, where in it, and when that was known.
    The raw views carry the times of their own dataset's releases, so that another dataset's release does not change this one's rows. -#}
{% macro release_columns() -%}
_source_file as source_file,
        _source_row as source_row,
        _release_id as release_id,
        _is_sample as is_sample,
        _known_from as known_from,
        _known_to as known_to
{%- endmacro %}
