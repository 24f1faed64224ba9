-- The size of each user segment at the end of each of the last thirty days, and who joined and
-- left on it.
with days as (
    select unnest(range(
        as_of()::date - interval 29 day, as_of()::date + interval 1 day, interval 1 day
    ))::date as day
),

moves as (
    select user_segment, origin, member_from as moved_at, 1 as joined, 0 as departed
    from fct_user_segment_memberships
    union all
    select user_segment, origin, member_to as moved_at, 0 as joined, 1 as departed
    from fct_user_segment_memberships
    where member_to <= as_of()
),

moved as (
    -- A member who joined before the first day counts on every day.
    select
        user_segment,
        origin,
        greatest(moved_at::date, (select min(day) from days) - 1) as day,
        sum(joined) as joined,
        sum(departed) as departed
    from moves
    group by all
),

grid as (
    select segments.user_segment, segments.origin, days.day
    from (select distinct user_segment, origin from moved) as segments
    cross join days
    union
    select user_segment, origin, day from moved
),

sizes as (
    select
        grid.user_segment,
        grid.origin,
        grid.day,
        coalesce(moved.joined, 0)::bigint as joined,
        coalesce(moved.departed, 0)::bigint as departed,
        sum(coalesce(moved.joined, 0) - coalesce(moved.departed, 0)) over (
            partition by grid.user_segment, grid.origin order by grid.day
        )::bigint as size
    from grid
    left join moved
        on grid.user_segment = moved.user_segment
        and grid.origin = moved.origin
        and grid.day = moved.day
)

select *
from sizes
where day >= (select min(day) from days)
order by origin, user_segment, day
