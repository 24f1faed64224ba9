"""The `context` object of every message."""

import numpy as np
import polars as pl

from jobs.demo.company import (
    APP,
    APP_PAGE_NAMES,
    APP_PAGES,
    AUDIENCES,
    CAMPAIGNS,
    PAGES,
    REFERRERS,
    WEBSITE,
)
from jobs.demo.devices import Devices
from jobs.demo.fragments import join, pick
from jobs.demo.identifiers import Identifiers
from jobs.demo.ledger import Ints, Source, ints

_CONSENT = (
    "",
    '"consent":{"categoryPreferences":{"Advertising":true,"Analytics":true,"Functional":true}},',
    '"consent":{"categoryPreferences":{"Advertising":false,"Analytics":true,"Functional":true}},',
)
_CAMPAIGNS = tuple(
    f'"campaign":{{"name":"{name}","source":"{source}","medium":"{medium}",'
    + (f'"term":"{term}",' if term else "")
    + f'"content":"{content}"}},'
    for source, medium, name, term, content in CAMPAIGNS
)
_QUERIES = tuple(
    f"?utm_source={source}&utm_medium={medium}&utm_campaign={name}"
    for source, medium, name, _, _ in CAMPAIGNS
)
_PATHS = tuple(f'"path":"{path}","referrer":"' for path, _, _ in PAGES)
_REFERRERS = (*REFERRERS, *(f"{WEBSITE}{path}" for path, _, _ in PAGES))
_TITLES = tuple(f'","title":"{title}","url":"{WEBSITE}{path}' for path, _, title in PAGES)
_APP_PAGES = tuple(
    f'"path":"{path}","referrer":"{APP}/login","search":"","title":"{name} | Larkfield",'
    f'"url":"{APP}{path}"'
    for path, name in zip(APP_PAGES, APP_PAGE_NAMES, strict=True)
)
_SERVER = (
    '{"app":{"name":"billing","version":"2026.6.2"},'
    '"library":{"name":"@segment/analytics-node","version":"2.2.1"}'
)


def website_page(rows: pl.DataFrame) -> pl.Series:
    """The members of a page of the website: path, referrer, search, title and url."""
    page, campaign = ints(rows, "page"), ints(rows, "campaign")
    query = pick(_QUERIES, campaign)
    return join(
        pick(_PATHS, page),
        pick(_REFERRERS, ints(rows, "referrer")),
        '","search":"',
        query,
        pick(_TITLES, page),
        query,
        '"',
    )


def app_page(rows: pl.DataFrame) -> pl.Series:
    """The same members for a page of the product."""
    return pick(_APP_PAGES, ints(rows, "detail") % len(_APP_PAGES))


def write_contexts(
    rows: pl.DataFrame, source: Source, devices: Devices, identifiers: Identifiers
) -> pl.Series:
    """The context of messages of one source, as JSON text."""
    if source is Source.WEB:
        return _website(rows, devices)
    if source is Source.PRODUCT:
        return _product(rows, devices, identifiers)
    if source is Source.BACKEND:
        return join(_SERVER, _group(rows, identifiers, before=","), "}")
    return pick(_AUDIENCES, ints(rows, "detail") // 2)


def _website(rows: pl.DataFrame, devices: Devices) -> pl.Series:
    anon = ints(rows, "anon")
    # A message without an anonymous id comes from a browser all the same.
    device = np.where(anon < 0, 0, anon)
    return join(
        "{",
        pick(_CAMPAIGNS, ints(rows, "campaign")),
        pick(_CONSENT, ints(rows, "consent")),
        pick(devices.head, device),
        ',"page":{',
        website_page(rows),
        "},",
        pick(devices.tail, device),
        "}",
    )


def _product(rows: pl.DataFrame, devices: Devices, identifiers: Identifiers) -> pl.Series:
    anon = ints(rows, "anon")
    on_phone = devices.is_phone[anon]
    page: Ints = np.where(on_phone, -1, ints(rows, "detail") % len(_APP_PAGES))
    return join(
        "{",
        pick(_CONSENT, ints(rows, "consent")),
        _group(rows, identifiers, after=","),
        pick(devices.head, anon),
        pick(tuple(f',"page":{{{page}}}' for page in _APP_PAGES), page),
        ",",
        pick(devices.tail, anon),
        "}",
    )


def _group(
    rows: pl.DataFrame, identifiers: Identifiers, before: str = "", after: str = ""
) -> pl.Series:
    members = join(f'{before}"groupId":"', identifiers.group, f'"{after}')
    return pick(members, ints(rows, "group"))


def _audience(key: str, number: int) -> str:
    return (
        '{"library":{"name":"unknown","version":"unknown"},"personas":{'
        f'"computation_class":"audience","computation_id":"aud_2hT{number}kWq9Zr4Lx0",'
        f'"computation_key":"{key}","namespace":"spa_8dJ2mQvY5nBt",'
        '"space_id":"spa_8dJ2mQvY5nBt"}}'
    )


_AUDIENCES = tuple(_audience(key, number) for number, key in enumerate(AUDIENCES))
