-- What each attribution model credits an experience with, over all its periods. Sums of
-- fractions are rounded: their last digits depend on the order of addition.
select
    vendor,
    experience,
    null::date as period,
    conversion,
    model,
    round(sum(weight), 6) as conversions,
    round(sum(value), 4) as value
from fct_attributions
group by vendor, experience, conversion, model
order by
    vendor, experience, conversion, list_position(['first', 'last', 'linear', 'any'], model)
