"""Larkfield, the company of the demo: its experiences, audience segments and true conversion rates.

A person converts with probability

    base rate of the conversion
    x rate of each experience the person sees (of its audience segment, the same in both arms)
    x effect of each experience the person sees (1 in the control arm)
    x trait of the person (a customer does not sign up again)

and, when the draw says so, at one moment that lies inside the window of every experience seen. The
effects multiply and the arms of two experiences are drawn independently, so the relative lift of
each is exactly its effect less one, whatever the other does.
"""

from dataclasses import dataclass

COMPANY = "Larkfield"
WEBSITE = "https://www.larkfield.example"
APP = "https://app.larkfield.example"
LAST_DAY = "2026-06-30"
LAYOUTS = ("raw", "data-lakes", "s3")

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

WINDOW_DAYS = 7
WINDOW_MS = WINDOW_DAYS * DAY_MS
FUTURE_SKEW_MS = 5 * MINUTE_MS
MAX_LINKS = 100
"""More distinct users, or other identifiers of one type, make an anonymous id a hub."""
KIOSK_MIN_VISITORS = 2_000
"""Smaller demos have too few customers for a device that more than MAX_LINKS of them use."""

VENDOR = "mutiny"
SIGNUP, ORDER, DEMO_REQUEST = range(3)
CONVERSIONS = ("signup", "order", "demo_request")
BASE_RATES = (0.14, 0.09, 0.07)
CUSTOMER_FACTORS = (0.0, 2.0, 0.3)
"""How much more often, for each conversion, a customer converts than a prospect."""


@dataclass(frozen=True)
class AudienceSegment:
    """Visitors that the vendor recognises before it splits them evenly over the two arms."""

    name: str
    share: float
    rates: tuple[float, float, float] = (1.0, 1.0, 1.0)
    effects: tuple[float, float, float] = (1.0, 1.0, 1.0)
    variations: tuple[str, ...] = ("Original",)


@dataclass(frozen=True)
class Experience:
    """A page that is personalized for some audience segments; other visitors are not tracked."""

    name: str
    page: str
    segments: tuple[AudienceSegment, ...]


EXPERIENCES = (
    Experience(
        name="Corporate Website",
        page="/",
        segments=(
            AudienceSegment(
                name="Small company",
                share=0.50,
                rates=(1.1, 1.0, 0.8),
                effects=(2.3, 1.3, 1.0),
                variations=("Start in minutes", "Loved by small teams"),
            ),
            AudienceSegment(
                name="Enterprise",
                share=0.40,
                rates=(0.9, 1.1, 1.4),
                effects=(1.1, 1.0, 1.7),
                variations=("Trusted at scale",),
            ),
        ),
    ),
    Experience(
        name="Pricing Page",
        page="/pricing",
        segments=(
            AudienceSegment(
                name="Software industry",
                share=0.48,
                rates=(1.1, 1.1, 1.0),
                effects=(0.8, 1.0, 1.0),
                variations=("Annual plans first",),
            ),
            AudienceSegment(
                name="Financial services",
                share=0.44,
                rates=(0.9, 1.0, 1.1),
                effects=(1.0, 1.9, 1.2),
                variations=("Audit trail first", "Compliance first"),
            ),
        ),
    ),
)

PAGES = (
    ("/", "Home", "Larkfield | Forecasts your operations team can act on"),
    ("/pricing", "Pricing", "Pricing | Larkfield"),
    ("/product", "Product", "Product tour: plan, forecast, staff | Larkfield"),
    ("/integrations", "Integrations", "Integrations for warehouses and ERPs | Larkfield"),
    ("/customers", "Customers", "How Norwell Foods cut overtime by a third | Larkfield"),
    ("/blog", "Blog", "The Larkfield blog: capacity planning in practice"),
    ("/blog/forecast-error", "Blog Post", "Forecast error is a budget, not a blame | Larkfield"),
    ("/security", "Security", "Security and compliance | Larkfield"),
    ("/about", "About", "The people behind Larkfield"),
    ("/signup", "Sign Up", "Create your workspace | Larkfield"),
    ("/demo", "Demo", "Talk to a planner: request a demo | Larkfield"),
)
HOME, PRICING, PRODUCT, BLOG, SIGNUP_PAGE, DEMO_PAGE = 0, 1, 2, 5, 9, 10
LANDING_SHARES = (0.70, 0.10, 0.05, 0.02, 0.02, 0.03, 0.06, 0.01, 0.01, 0.0, 0.0)
BROWSING_SHARES = (0.18, 0.38, 0.15, 0.07, 0.06, 0.06, 0.05, 0.03, 0.02, 0.0, 0.0)

CAMPAIGNS = (
    ("google", "cpc", "brand-emea", "capacity planning software", "headline-a"),
    ("google", "cpc", "competitor-terms", "workforce forecasting tool", "headline-c"),
    ("linkedin", "paid-social", "ops-leaders-q2", "", "carousel-2"),
    ("newsletter", "email", "june-digest", "", "hero-button"),
    ("g2", "referral", "profile-page", "", "compare-grid"),
    ("capterra", "referral", "category-leader", "", "badge"),
)
REFERRERS = (
    "",
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://www.linkedin.com/",
    "https://www.g2.com/products/larkfield/reviews",
    "https://news.ycombinator.com/",
)
AUDIENCES = ("order_completed_last_30days", "trial_expiring", "power_users")
FEATURES = (
    "Forecast Created",
    "Dashboard Viewed",
    "Scenario Compared",
    "Integration Connected",
    "Report Exported",
)
APP_PAGES = ("/forecasts", "/dashboards/overview", "/scenarios", "/settings/members")
APP_PAGE_NAMES = ("Forecasts", "Overview", "Scenarios", "Members")
SCREENS = ("Shift Board", "Forecast", "Approvals", "Inbox")
PLANS = ("Starter", "Team", "Business")
SEAT_CENTS = (1_900, 3_900, 7_900)
