{#- History of a mart that is computed anew at each build and holds current rows only: its own past, kept in the lake by publication
    (history.<mart>, one row per row_key and stretch of time), carried on to the rows of this build.

    A row that says the same as before keeps its stretch. One that says something else ends the open stretch and begins its own at the instant the newest
    of its releases was published, or, where no newer release made it change (another method, seed or a release that came in late), at this build.
    Nothing is ever taken away. Like an incremental model, it reads what it wrote before; a first build has no past. -#}
{% macro history_of(mart) -%}
{%- set now = ref(mart) -%}
{%- set past = adapter.get_relation(database=target.database, schema='history', identifier=mart) if execute else none -%}
{%- if past is none -%}
select * from {{ now }}
{%- else -%}
{%- set columns = adapter.get_columns_in_relation(now) | map(attribute='name') | list -%}
{%- set held = adapter.get_columns_in_relation(past) | map(attribute='name') | list -%}
{%- set said = columns | reject('in', ['row_key', 'known_from', 'known_to']) | select('in', held) | list -%}
with

now_rows as (

    select
        *,
        {{ row_key(said) }} as said

    from {{ now }}

),

past_rows as (

    select
        {% for column in columns -%}
        {{ column if column in held else 'null as ' ~ column }},
        {% endfor -%}
        {{ row_key(said) }} as said

    from {{ past }}

),

last_of_past as (

    select
        row_key,
        max(coalesce(known_to, known_from)) as last_change,
        max(case when known_to is null then said end) as said

    from past_rows
    group by row_key

),

begun as (

    select
        now_rows.* exclude (said) replace (
            case
                when last_of_past.last_change is null or now_rows.known_from > last_of_past.last_change then now_rows.known_from
                else {{ this_build_after('last_of_past.last_change') }}
            end as known_from
        )

    from now_rows
    left join last_of_past on now_rows.row_key = last_of_past.row_key
    where last_of_past.said is distinct from now_rows.said

),

newest as (

    select max(known_from) as known_from from now_rows

),

carried as (

    select
        past_rows.* exclude (said) replace (
            case
                when past_rows.known_to is not null then past_rows.known_to
                when begun.row_key is not null then begun.known_from
                when now_rows.row_key is not null then null
                when newest.known_from > past_rows.known_from then newest.known_from
                else {{ this_build_after('past_rows.known_from') }}
            end as known_to
        )

    from past_rows
    cross join newest
    left join begun on past_rows.row_key = begun.row_key
    left join now_rows on past_rows.row_key = now_rows.row_key

)

select {{ columns | join(', ') }} from carried

union all

select {{ columns | join(', ') }} from begun
{%- endif %}
{%- endmacro %}

{#- The instant of this build, after `instant` even on a machine whose clock is behind the publisher's. -#}
{% macro this_build_after(instant) -%}
greatest(cast('{{ run_started_at.isoformat() }}' as timestamp with time zone), {{ instant }} + interval '1 microsecond')
{%- endmacro %}

{#- A fact mart as known at an instant (SQL, timestamp with time zone): known_from <= instant < known_to, and known_to is not known yet. -#}
{% macro as_known_on(mart, instant) -%}
(
    select * replace (cast(null as timestamp with time zone) as known_to)

    from {{ ref(mart ~ '_history') }}
    where known_from <= {{ instant }} and (known_to is null or {{ instant }} < known_to)
)
{%- endmacro %}
