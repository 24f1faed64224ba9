select
    node as identifier_key,
    false as is_hub
from nodes
