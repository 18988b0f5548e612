{#- Wilson's 95% interval of a proportion `p` (0-1) of `n` observations (an effective number, where there are weights), as columns lower and upper.
    It lies within 0 and 1 and holds p, up to rounding errors; both ends are NULL where n is 0 or p is unknown. -#}
{% macro wilson(p, n) -%}
{%- set z = 1.96 -%}
{%- set half = z ~ " * sqrt((" ~ p ~ ") * (1 - (" ~ p ~ ")) / nullif(" ~ n ~ ", 0) + " ~ z * z / 4 ~ " / power(" ~ n ~ ", 2))" -%}
{%- set centre = "(" ~ p ~ ") + " ~ z * z / 2 ~ " / nullif(" ~ n ~ ", 0)" -%}
{%- set scale = "(1 + " ~ z * z ~ " / nullif(" ~ n ~ ", 0))" -%}
({{ centre }} - {{ half }}) / {{ scale }} as lower,
        ({{ centre }} + {{ half }}) / {{ scale }} as upper
{%- endmacro %}
