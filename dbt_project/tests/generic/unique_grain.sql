{#- The model's grain: no two rows share these columns, and none is NULL but those named nullable, where NULL is a value like another. -#}
{% test unique_grain(model, columns, nullable=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as n

from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns if column not in nullable %} or {{ column }} is null {%- endfor %}

{% endtest %}
