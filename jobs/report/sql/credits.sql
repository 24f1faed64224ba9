-- What each attribution model credits an experience with. Attribution knows no periods.
select
    vendor,
    experience,
    null::date as period,
    conversion,
    model,
    sum(weight) as conversions,
    sum(value) as value
from fct_attributions
group by vendor, experience, conversion, model
order by
    vendor, experience, conversion, list_position(['first', 'last', 'linear', 'any'], model)
