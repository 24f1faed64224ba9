"""What a comment is in a model or macro, and what its text reads."""

import pytest

from jobs.build.source_text import called_names, variables_read, without_comments


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("select 1 -- one\n, 2", "select 1 , 2"),
        ("-- One row per x.\nselect 1", "select 1"),
        ("select /* it's */ 1", "select 1"),
        ("{# it's #}\nselect\n    1\n", "select 1"),
        ("{{-  f( 'a',\n 'b' )  -}}\nselect 1", "{{- f( 'a', 'b' ) -}} select 1"),
        ("select 'a--b', \"c/*d\" -- e", "select 'a--b', \"c/*d\""),
        ("select '{# not #}{{ f('--') }}' -- x", "select '{{ f('--') }}'"),
    ],
)
def test_source_is_alike_with_other_comments_and_spacing(source: str, same: str) -> None:
    assert without_comments(source) == without_comments(same)
    assert "--" not in without_comments(source).replace("'--'", "").replace("a--b", "")


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("select 'a  b'", "select 'a b'"),
        ("select 'a--b'", "select 'a--c'"),
        ("select '{{ f('--') }}'", "select '{{ f('--x') }}'"),
        ("select 'a''--b'", "select 'a''--c'"),
        ("-- {{ f(1) }}\nselect 1", "-- {{ f(2) }}\nselect 1"),
        ("{{ 'it\\'s -- a' }}", "{{ 'it\\'s -- b' }}"),
        ("'{{ x }} -- half a text", "'{{ x }} -- and another"),
        ("a b", "ab"),
    ],
)
def test_source_differs_by_all_else(source: str, other: str) -> None:
    assert without_comments(source) != without_comments(other)


def test_source_reads_variables_by_name_and_one_key() -> None:
    text = (
        "{{ var('a') }} {{ var(\"b\", {})['c'] }} {{ var('d').get('e', 1) }}"
        " {{ var('f', {}).get(name) }} {{ var(name) }} t_var('no')"
    )
    assert variables_read(text) == {("a",), ("b", "c"), ("d", "e"), ("f",), ()}


def test_source_calls_what_a_parenthesis_follows() -> None:
    assert called_names("{{ f(x) }} {% call statement ('g') %} h") == {"f", "statement"}
