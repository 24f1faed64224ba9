-- Every user segment with its size.
select user_segment, origin, is_retrospective, current_size, entered_last_day, left_last_day
from dim_user_segments
order by origin, user_segment
