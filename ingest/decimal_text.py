"""Numbers as text: every digit, no exponent. Equal numbers have equal texts, others have others."""

LARGEST_EXPONENT = 400
"""Beyond what a double holds. A number is not written out in as many zeros as it may ask for."""

_ZERO = r"^-?[0.]+([eE]|$)"


def plain_decimal(text: str) -> str:
    """Return the SQL of a number's text as plain decimal text: `1e3` and `1000.0` are `1000`.

    `text` is SQL for the text of a JSON number. The macro `plain_decimal` is the same expression in
    the models. Digits are moved, never computed with: a double would lose some, a decimal cut them.
    """
    sign = f"case when starts_with({text}, '-') then '-' else '' end"
    exponent = rf"try_cast(regexp_extract({text}, '[eE]\+?(-?\d+)$', 1) as integer)"
    whole = rf"regexp_extract({text}, '^-?(\d+)', 1)"
    fraction = rf"regexp_extract({text}, '\.(\d+)', 1)"
    digits = (
        f"repeat('0', greatest(-{exponent}, 0)) || {whole} || {fraction}"
        f" || repeat('0', greatest({exponent}, 0))"
    )
    point = f"(length({whole}) + greatest({exponent}, 0))"
    shifted = (
        f"{sign}"
        f" || coalesce(nullif(ltrim(substr({digits}, 1, {point}), '0'), ''), '0')"
        f" || coalesce('.' || nullif(rtrim(substr({digits}, {point} + 1), '0'), ''), '')"
    )
    return (
        f"case when regexp_matches({text}, '{_ZERO}') then '0'"
        f" when regexp_matches({text}, '[eE]') then"
        f" case when abs({exponent}) <= {LARGEST_EXPONENT} then {shifted} end"
        f" when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.')"
        f" else {text} end"
    )
