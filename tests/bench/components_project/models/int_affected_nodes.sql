select
    node,
    true as is_node,
    false as is_torn,
    false as is_freed
from (select node_a as node from new_links union select node_b from new_links) as nodes
