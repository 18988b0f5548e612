{#- A row's stretches of time follow one another without overlapping, and at most the last is open. -#}
{% test sound_history(model) %}

with

stretches as (

    select
        row_key,
        known_from,
        known_to,
        lead(known_from) over (partition by row_key order by known_from) as next_from

    from {{ model }}

)

select * from stretches
where row_key is null or known_to <= known_from or next_from <= known_from or (next_from is not null and coalesce(known_to > next_from, true))

{% endtest %}
