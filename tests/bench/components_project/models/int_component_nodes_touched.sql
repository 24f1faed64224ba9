select node_a as node from new_links
union
select node_b from new_links
