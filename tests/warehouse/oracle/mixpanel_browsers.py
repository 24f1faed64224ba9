"""The browser that Segment reads from a user agent for Mixpanel."""

from __future__ import annotations

import re

# In the order in which they are tried.
BROWSERS = [
    ("Opera Mini", r" OPR/.*Mini|Mini.* OPR/", None),
    ("Opera", " OPR/", "(?:Opera|OPR)/"),
    ("BlackBerry", "(?i)BlackBerry|PlayBook|BB10", "BlackBerry "),
    ("Internet Explorer Mobile", "IEMobile|WPDesktop", "rv:"),
    ("Samsung Internet", "SamsungBrowser/", "SamsungBrowser/"),
    ("Microsoft Edge", "Edge|Edg/", "Edge?/"),
    ("Facebook Mobile", "FBIOS", None),
    ("Chrome", "Chrome", "Chrome/"),
    ("Chrome iOS", "CriOS", "CriOS/"),
    ("UC Browser", "UCWEB|UCBrowser", "(?:UCBrowser|UCWEB)/"),
    ("Firefox iOS", "FxiOS", "FxiOS/"),
    ("Mobile Safari", "Safari.*iPhone|iPhone.*Safari", "Version/"),
    ("Safari", "Safari", "Version/"),
    ("Android Mobile", "Android", r"android\s"),
    ("Konqueror", "Konqueror", "Konqueror:"),
    ("Firefox", "Firefox", "Firefox/"),
    ("Internet Explorer", "MSIE|Trident/", "(?:rv:|MSIE )"),
    ("Mozilla", "Gecko", "rv:"),
]


def _found(agent: str) -> tuple[str | None, str | None]:
    return next(
        ((name, version) for name, sign, version in BROWSERS if re.search(sign, agent)),
        (None, None),
    )


def browser(agent: str) -> str | None:
    """Its name; None for an agent that is not known."""
    return _found(agent)[0]


def browser_version(agent: str) -> str | None:
    """Its version, of at least two parts."""
    sign = _found(agent)[1]
    found = None if sign is None else re.search(sign + r"(\d+(?:\.\d+)+)", agent)
    return found[1] if found else None
