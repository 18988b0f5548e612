{#- Labels of one concept differ between classifications in case, ampersand, apostrophes and hyphens; observatory_assets.ksb.text.normalise compares alike. -#}
{% macro normalised_label(column) -%}
trim(regexp_replace(replace(regexp_replace(lower({{ column }}), '[''’‘`]', '', 'g'), '&', ' and '), '[^a-z0-9+#]+', ' ', 'g'))
{%- endmacro %}
