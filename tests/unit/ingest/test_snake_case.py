"""Names as Segment's warehouses and Data Lakes spell them."""

import pytest

from ingest.layouts.snake_case import snake_case


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Mutiny Experience Viewed", "mutiny_experience_viewed"),
        ("Order Completed", "order_completed"),
        ("orderCompleted", "order_completed"),
        ("order_completed", "order_completed"),
        ("audienceSegment", "audience_segment"),
        ("userID", "user_id"),
        ("HTMLParser", "htmlparser"),
        ("iOSVersion", "i_osversion"),
        ("ABTest", "abtest"),
        ("page2View", "page2_view"),
        ("Base64Encode", "base64_encode"),
        ("SAMPLE 2 TEXT", "sample_2_text"),
        ("30DayTrial", "30day_trial"),
        ("101 account update", "101_account_update"),
        ("last_30days", "last_30days"),
        ("_private", "private"),
        ("trailing_ ", "trailing"),
        ("a__b", "a_b"),
        ("total billed", "total_billed"),
        ("statsig::experiment_exposure", "statsig_experiment_exposure"),
        ("$something%", "something"),
        ("Prénom", "pr_nom"),
        ("٣ orders", "orders"),
        ("注文", ""),
        ("", ""),
    ],
)
def test_snake_case_is_that_of_segment(name: str, spelled: str) -> None:
    assert snake_case(name) == spelled


def test_snake_case_leaves_its_own_result_alone() -> None:
    once = snake_case("HTMLParser: iOSVersion 2Go")
    assert snake_case(once) == once
