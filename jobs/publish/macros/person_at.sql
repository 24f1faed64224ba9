create or replace macro person_at(id_type, id_value, moment) as table
select identifiers.person_id, identifiers.owned_from, identifiers.owned_to
from dim_identifiers as identifiers
where identifiers.id_type = case
        when id_type in ('user_id', 'email', 'anonymous_id', 'mutiny_visitor_id') then id_type
        else error(
            '''' || id_type || ''' is not a type of identifier: write user_id, email,'
            || ' anonymous_id or mutiny_visitor_id.'
        )
    end
    and identifiers.id_value = id_value
    and (identifiers.owned_from is null or identifiers.owned_from <= moment)
    and (identifiers.owned_to is null or moment < identifiers.owned_to);

comment on macro table person_at is
'One row: the person that an identifier belonged to at a moment, and the interval around it. None for an identifier that was never seen, or is blocked.';
