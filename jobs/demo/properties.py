"""The `properties` object of every kind of message."""

from collections.abc import Callable

import numpy as np
import polars as pl

from jobs.demo.company import (
    APP_PAGE_NAMES,
    EXPERIENCES,
    FEATURES,
    PAGES,
    PLANS,
    SCREENS,
    SEAT_CENTS,
)
from jobs.demo.contexts import app_page, website_page
from jobs.demo.fragments import digits, join, money, padded, pick
from jobs.demo.ledger import Form, Ints, Kind, ints
from jobs.demo.profiles import Profiles

_CTAS = (
    '{"label":"Start free trial","location":"hero","destination":"/signup"}',
    '{"label":"Request a demo","location":"header","destination":"/demo"}',
    '{"label":"See pricing","location":"footer","destination":"/pricing"}',
    '{"label":"Watch the tour","location":"hero","destination":"/product"}',
)
_FEATURES = (
    '"horizon_days":{n},"method":"ensemble"',
    '"dashboard":"overview","widgets":{n}',
    '"scenarios":{n},"baseline":"current roster"',
    '"integration":"Snowflake","tables":{n}',
    '"format":"xlsx","rows":{n}',
)
_COUPONS = ("", "", "", "", "JUNE15")


def write_properties(kind: Kind, rows: pl.DataFrame, profiles: Profiles) -> pl.Series | None:
    """The properties of messages of one kind as JSON text; None where the call has none."""
    if kind in (Kind.PRODUCT_SIGNUP, Kind.BACKEND_SIGNUP):
        email = pick(profiles.email, ints(rows, "human"))
        return join('{"type":"organic","plan":"Trial","email":"', email, '"}')
    write = _WRITERS.get(kind)
    return None if write is None else write(rows)


def _page(rows: pl.DataFrame) -> pl.Series:
    names = tuple(f'{{"name":"{name}",' for _, name, _ in PAGES)
    return join(pick(names, ints(rows, "page")), website_page(rows), "}")


def _cta(rows: pl.DataFrame) -> pl.Series:
    return pick(_CTAS, ints(rows, "detail"))


def _demo_request(rows: pl.DataFrame) -> pl.Series:
    seats = digits(5 + ints(rows, "human") % 400)
    return join('{"form":"request-a-demo","team_size":', seats, ',"source":"website"}')


def _app_page(rows: pl.DataFrame) -> pl.Series:
    names = tuple(f'{{"name":"{name}",' for name in APP_PAGE_NAMES)
    return join(pick(names, ints(rows, "detail") % len(names)), app_page(rows), "}")


def _screen(rows: pl.DataFrame) -> pl.Series:
    names = tuple(f'{{"name":"{name}","orientation":"portrait"}}' for name in SCREENS)
    return pick(names, ints(rows, "detail") % len(names))


def _invoice(rows: pl.DataFrame) -> pl.Series:
    number = padded(ints(rows, "human"), 7)
    amount = money(4_900 + 100 * (ints(rows, "human") % 900))
    return join('{"invoice_id":"inv_', number, '","amount":', amount, ',"status":"paid"}')


def _exposure(rows: pl.DataFrame) -> pl.Series:
    experience, segment = ints(rows, "experience"), ints(rows, "segment")
    arm, form = ints(rows, "arm"), ints(rows, "form")
    names = tuple(f'"experience":"{entry.name}",' for entry in EXPERIENCES)
    width = max(len(entry.segments) for entry in EXPERIENCES)
    audiences = [""] * width * len(EXPERIENCES)
    variations = [""] * 2 * len(audiences)
    for number, entry in enumerate(EXPERIENCES):
        for row, audience in enumerate(entry.segments, start=width * number):
            audiences[row] = f'"audienceSegment":"{audience.name}","personalized":'
            for turn in range(2):
                shown = audience.variations[turn % len(audience.variations)]
                variations[2 * row + turn] = f',"variation":"{shown}"'
    place = width * experience + segment
    stated = np.where(form == Form.NULL_ARM, 4, arm + 2 * (form == Form.TEXT))
    shown_first = 2 * place + ints(rows, "human") % 2
    return join(
        "{",
        pick(names, np.where(form == Form.NO_EXPERIENCE, -1, experience)),
        pick(audiences, place),
        pick(("false", "true", '"false"', '"true"', "null"), stated),
        pick(variations, np.where(arm == 1, shown_first, -1)),
        pick((',"variation":"Control"',), np.where(arm == 1, -1, 0)),
        "}",
    )


def _feature(rows: pl.DataFrame) -> pl.Series:
    detail = ints(rows, "detail")
    feature = detail % len(FEATURES)
    before = [entry.split("{n}")[0] for entry in _FEATURES]
    after = [entry.split("{n}")[1] for entry in _FEATURES]
    number = digits(1 + detail // len(FEATURES))
    return join("{", pick(before, feature), number, pick(after, feature), "}")


def _order(rows: pl.DataFrame) -> pl.Series:
    """An order is a function of its number, so that a repeat of it says the same."""
    order, human = ints(rows, "order"), ints(rows, "human")
    plan: Ints = (order * 7 + human) % len(PLANS)
    seats = 2 + (order * 31 + human * 17) % 38
    price = np.array(SEAT_CENTS)[plan]
    subtotal = price * seats
    coupon = (order + human) % len(_COUPONS)
    discount = np.where(coupon == len(_COUPONS) - 1, subtotal * 15 // 100, 0)
    revenue = subtotal - discount
    tax = revenue * 8 // 100
    coupons = tuple(f',"coupon":"{name}"' if name else "" for name in _COUPONS)
    name = pick(PLANS, plan)
    return join(
        *('{"order_id":"ord_', padded(order, 7), '","checkout_id":"chk_', padded(order * 3, 7)),
        *('","affiliation":"Larkfield","subtotal":', money(subtotal), ',"discount":'),
        *(money(discount), ',"shipping":0,"tax":', money(tax), ',"total":', money(revenue + tax)),
        *(',"revenue":', money(revenue), ',"currency":"USD"', pick(coupons, coupon)),
        *(',"products":[{"product_id":"plan_', digits(plan), '","sku":"LF-', digits(plan)),
        *('","category":"Subscription","name":"Larkfield ', name, '","price":', money(price)),
        *(',"quantity":', digits(seats), ',"position":1}]}'),
    )


_WRITERS: dict[Kind, Callable[[pl.DataFrame], pl.Series]] = {
    Kind.PAGE: _page,
    Kind.EXPOSURE: _exposure,
    Kind.CTA: _cta,
    Kind.DEMO_REQUEST: _demo_request,
    Kind.FEATURE: _feature,
    Kind.APP_PAGE: _app_page,
    Kind.SCREEN: _screen,
    Kind.ORDER: _order,
    Kind.REFUND: _order,
    Kind.INVOICE: _invoice,
}
