{#- Key of a sector subject area, tier 1: `ssa1:` and the official title in words. Publishers write it as a number (4, 04.00), a title, or both
    (`4 Engineering and Manufacturing Technologies`), and some areas under several titles (77 of 515 real standards are in `15 Business,
    Administration, Finance and Law`): a number at the start decides. Whatever is none of the fifteen is `ssa1:unknown`. -#}
{% macro ssa1_key(column) -%}
{%- set areas = [
    'Health, Public Services and Care', 'Science and Mathematics', 'Agriculture, Horticulture and Animal Care', 'Engineering and Manufacturing Technologies',
    'Construction, Planning and the Built Environment', 'Information and Communication Technology', 'Retail and Commercial Enterprise',
    'Leisure, Travel and Tourism', 'Arts, Media and Publishing', 'History, Philosophy and Theology', 'Social Sciences',
    'Languages, Literature and Culture', 'Education and Training', 'Preparation for Life and Work', 'Business, Administration and Law',
] -%}
{%- set same = {
    6: ['informationandcommunicationtechnologyict', 'digitaltechnology', 'digitaltechnologyict'],
    15: ['businessadministrationfinanceandlaw'],
} -%}
case
        {% for area in areas -%}
        {%- set titles = [area.lower() | replace(',', '') | replace(' ', '')] + same.get(loop.index, []) -%}
        when
            try_cast(regexp_extract(cast({{ column }} as varchar), '^\s*0*([0-9]+)(\.[0-9]+)?(\s|$)', 1) as integer) = {{ loop.index }}
            or {{ normalised_title('cast(' ~ column ~ ' as varchar)') }} in ('{{ titles | join("', '") }}')
            then 'ssa1:{{ area.lower() | replace(',', '') | replace(' ', '_') }}'
        {% endfor -%}
        else 'ssa1:unknown'
    end
{%- endmacro %}
