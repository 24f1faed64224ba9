-- One row per grain, conversion, metric, variant and day on which any row of the
-- experience and period differs from the day before, as of the end of that day.
select {{ all_columns_but(['is_counted', 'greatest_lower', 'least_upper']) }}
from {{ ref('int_experience_lifts_daily') }}
