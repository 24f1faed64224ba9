"""The browsers and phones of the demo, as the unchanging part of the `context` object."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from jobs.demo.company import COMPANY
from jobs.demo.fragments import digits, join, pick
from jobs.demo.ledger import Bools, Consent
from jobs.demo.oddities import Numbering
from jobs.demo.population import Population

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit"
_EDGE_DATA = (
    '"userAgentData":{"brands":[{"brand":"Microsoft Edge","version":"137"}],'
    '"mobile":false,"platform":"Windows"}'
)
_BROWSERS = (
    (1920, 1080, 1, f"{_WINDOWS} Chrome/137.0.0.0 Safari/537.36", ""),
    (1536, 864, 1.25, f"{_WINDOWS} Chrome/136.0.0.0 Safari/537.36", ""),
    (1920, 1200, 1, f"{_WINDOWS} Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0", _EDGE_DATA),
    (1512, 982, 2, f"{_MAC}/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36", ""),
    (1440, 900, 2, f"{_MAC}/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", ""),
    (1680, 1050, 1, "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0", ""),
    (
        393,
        852,
        3,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "",
    ),
)
_BROWSER_SHARES = (0.27, 0.16, 0.12, 0.2, 0.12, 0.05, 0.08)
_BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)
_PLACES = (
    ("en-US", "America/New_York"),
    ("en-US", "America/Chicago"),
    ("en-US", "America/Los_Angeles"),
    ("en-GB", "Europe/London"),
    ("de-DE", "Europe/Berlin"),
    ("fr-FR", "Europe/Paris"),
    ("nl-NL", "Europe/Amsterdam"),
    ("en-CA", "America/Toronto"),
)
_FIRST_EUROPEAN, _EUROPEAN_PLACES = 3, 4
_BROWSER_LIBRARY = '"library":{"name":"analytics.js","version":"npm:next-1.81.0"}'


class Phone(NamedTuple):
    """A phone that the app runs on."""

    platform: str
    maker: str
    model: str
    system: str
    version: str
    width: int
    height: int
    density: float


_PHONES = (
    Phone("ios", "Apple", "iPhone16,1", "iOS", "18.5", 393, 852, 3),
    Phone("ios", "Apple", "iPhone15,4", "iOS", "18.4.1", 393, 852, 3),
    Phone("android", "Google", "Pixel 9", "Android", "15", 412, 915, 2.625),
    Phone("android", "samsung", "SM-S921B", "Android", "15", 360, 780, 3),
)


@dataclass(frozen=True)
class Devices:
    """The unchanging part of the context by anonymous id, before and after the page."""

    head: pl.Series
    tail: pl.Series
    is_phone: Bools


def describe_devices(people: Population, rng: np.random.Generator) -> Devices:
    """Draw a browser or phone for every anonymous id; a new cookie keeps its browser."""
    numbering = Numbering(people.size)
    size, count = people.size, numbering.anon_count
    browser = rng.choice(len(_BROWSERS), count, p=_BROWSER_SHARES)
    place = rng.integers(0, len(_PLACES), count)
    in_europe = np.flatnonzero(people.consent != Consent.NONE)
    place[in_europe] = _FIRST_EUROPEAN + place[in_europe] % _EUROPEAN_PLACES
    address = rng.integers(0, 2**17, count)
    for drawn in (browser, place, address):
        drawn[size : 2 * size] = drawn[:size]
    place[2 * size : 3 * size] = place[:size]
    bots = np.arange(numbering.bots, numbering.kiosk)
    browser[bots] = len(_BROWSERS) + bots % len(_BOTS)
    phone = rng.integers(0, len(_PHONES), count)
    is_phone = np.zeros(count, np.bool_)
    is_phone[2 * size : 3 * size] = True

    heads = [_BROWSER_LIBRARY, *(_phone_head(phone) for phone in _PHONES)]
    agents = [_browser_tail(*entry) for entry in _BROWSERS]
    agents += [f'"userAgent":"{agent}"' for agent in _BOTS]
    tails = [*agents, *(_phone_tail(phone) for phone in _PHONES)]
    ip = join(
        *("198.", digits(18 + address // 65_536)),
        *(".", digits(address // 256 % 256), ".", digits(address % 256)),
    )
    return Devices(
        head=join(
            *('"ip":"', ip, '",', pick(heads, np.where(is_phone, 1 + phone, 0))),
            pick([f',"locale":"{locale}"' for locale, _ in _PLACES], place),
        ),
        tail=join(
            pick([f'"timezone":"{zone}",' for _, zone in _PLACES], place),
            pick(tails, np.where(is_phone, len(agents) + phone, browser)),
        ),
        is_phone=is_phone,
    )


def _browser_tail(width: int, height: int, density: float, agent: str, agent_data: str) -> str:
    screen = f'"screen":{{"width":{width},"height":{height},"density":{density}}}'
    return f'{screen},"userAgent":"{agent}"' + (agent_data and f",{agent_data}")


def _phone_head(phone: Phone) -> str:
    library = "analytics-swift" if phone.platform == "ios" else "analytics-kotlin"
    return (
        f'"app":{{"name":"{COMPANY}","version":"4.12.0","build":"41207",'
        f'"namespace":"example.{COMPANY.lower()}.app"}},'
        f'"device":{{"manufacturer":"{phone.maker}","model":"{phone.model}",'
        f'"type":"{phone.platform}"}},'
        f'"library":{{"name":"{library}","version":"1.8.0"}}'
    )


def _phone_tail(phone: Phone) -> str:
    return (
        '"network":{"bluetooth":false,"cellular":false,"wifi":true},'
        f'"os":{{"name":"{phone.system}","version":"{phone.version}"}},'
        f'"screen":{{"width":{phone.width},"height":{phone.height},"density":{phone.density}}},'
        f'"userAgent":"{COMPANY}/4.12.0 ({phone.model}; {phone.system} {phone.version})"'
    )
