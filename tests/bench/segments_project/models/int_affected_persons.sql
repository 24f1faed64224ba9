select person_id from new_changes group by person_id
