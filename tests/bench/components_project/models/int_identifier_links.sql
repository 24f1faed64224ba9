select
    node_a as identifier_key_a,
    node_b as identifier_key_b,
    false as is_strong_a,
    false as is_strong_b
from links
