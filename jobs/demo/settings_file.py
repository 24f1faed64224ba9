"""The `lift.yml` of a demo."""

from pathlib import Path

from jobs.demo.messages import PROJECT_IDS

_RAW_PATH = "<source>/[day=YYYY-MM-DD/]part-<nn>.parquet, one row a message"
_DATA_LAKES_PATH = (
    "segment-data/data/<source>/segment_type=<event>/day=YYYY-MM-DD/part-<nn>.parquet"
)
_S3_PATH = "segment-logs/<source id>/<day as unix ms>/part-<nn>.gz, one line a message"
_BY_LAYOUT = {
    "raw": {"path": _RAW_PATH, "folder": ", the key is its folder"},
    "data-lakes": {"path": _DATA_LAKES_PATH, "folder": ", the key is its folder"},
    "s3": {"path": _S3_PATH, "folder": " and its folder"},
}
"""By layout, what the comments say of the landing zone."""

_SETTINGS = """\
# Configuration of the demo company Larkfield, written by `lift demo`.
# Writing the demo again replaces this file and the landing zone, but nothing else.
version: 1
landing: landing                 # {path}

# Where messages come from. `id` is the source's id in Segment{folder}. A source must
# be connected to Mutiny for its events to count as Mutiny's conversions; `backend` sends orders.
sources:
  web:     {{id: {web}, kind: website, destinations: [mutiny]}}
  product: {{id: {product}, kind: product, destinations: [mutiny]}}
  backend: {{id: {backend}, kind: server, destinations: [mutiny]}}
  engage:  {{id: {engage}, kind: engage, destinations: [mutiny]}}

# What is set up in Segment. A visitor who refuses advertising cookies is not sent to Mutiny.
destinations:
  mutiny: {{state: active, consent_categories: [Advertising]}}

# Ids that name nobody, and how many users one device may have before it tells nobody apart.
identity:
  merge_on_alias: true
  max_links: 100
  blocked: ["[0-]*", "-1", "null", "undefined", "anonymous"]

# Crawlers load pages and see experiences, but are no visitors.
exclude:
  - 'contains(context.userAgent, "bot")'

# What makes an exposure. Mutiny needs no more than its name.
exposures:
  - {{adapter: mutiny}}

experiences:
  expected_split:
    Corporate Website: {{control: 0.5, personalized: 0.5}}
    Pricing Page: {{control: 0.5, personalized: 0.5}}

# What counts as success within seven days of the first view. One order is one `order_id`, however
# often the billing service repeats it.
conversions:
  - {{name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true, window: 7d}}
  - name: order
    trigger: 'type = "track" and event = "Order Completed"'
    value: properties.revenue
    currency: properties.currency
    distinct_by: properties.order_id
    refund: 'type = "track" and event = "Order Refunded"'
    window: 7d
  - {{name: demo_request, trigger: 'type = "track" and event = "Demo Requested"', window: 7d}}

# Segments of your own, over traits, audiences and what people do. Who is in one changes over time;
# lift is read by membership at the first view of an experience. `lift plan` counts the members.
segments:
  - {{name: small_company, all: [{{trait: employees, op: "<", value: 50}}]}}
  - {{name: engaged, all: [{{event: 'type = "page"', op: ">=", count: 3, within: 7d}}]}}
  - name: worth_a_call
    all:
      - {{event: 'type = "page" and name = "Pricing"', op: ">=", count: 1, within: 14d}}
      - not: {{audience: order_completed_last_30days}}

# What lift is broken down by, as of the first view: any of them and any of them together is a
# GROUP BY of fct_experience_cube, and `from lift_by(context_campaign_source)` its lift.
breakdowns: [context.campaign.source, traits.plan, "segment:small_company", new_or_returning]
"""


# Small files: one broken message is more than a hundredth of one.
_QUALITY = """
quality:
  max_rejected_share: 1
"""


def write_settings(path: Path, layout: str) -> None:
    """Write the configuration that computes the demo's truth from a landing zone in `layout`."""
    web, product, backend, engage = PROJECT_IDS
    text = _SETTINGS.format(
        web=web, product=product, backend=backend, engage=engage, **_BY_LAYOUT[layout]
    )
    path.write_text(text if layout == "raw" else text + _QUALITY, encoding="utf-8")
