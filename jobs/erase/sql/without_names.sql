-- The rows of a table of the old warehouse, without error texts that name an erased person.
select * replace (
    case
        when error is null then null
        when names_erased(error) then 'It named a person who was erased.'
        else error
    end as error
)
from old.raw.{table}
