{{ config(materialized='view') }}
-- One row per message that a configured trigger (Abmatic, custom) takes for an exposure
-- and type of unit that an entry asks for, complete or not.
{%- set experiences, segments, variants, texts = {}, {}, {}, {} %}
{%- for entry in numbered_entries() if entry['adapter'] in ['abmatic', 'custom'] %}
    {%- set number = entry['number'] %}
    {%- do experiences.update({number: first_text(entry['experience_sql'])}) %}
    {%- do segments.update({number: first_text(entry['audience_segment_sql'])}) %}
    {%- do variants.update({number: first_text(entry['variant_sql'])}) %}
    {%- do texts.update({number: entry['variant_sql']}) %}
{%- endfor %}
with views as (

    {{ views_by_entry(ref('stg_segment__messages'), ['abmatic', 'custom']) }}

),

named as (

    select
        *,
        {{ by_number('entry', experiences, 'null::varchar') }} as experience,
        {{ by_number('entry', segments, 'null::varchar') }} as audience_segment,
        {{ by_number('entry', variants, 'null::varchar') }} as variant,
        {{ is_control_of_entry(texts) }} as is_control
    from views

)

{{ exposures_by_variant('named') }}
