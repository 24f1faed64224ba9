from pathlib import Path

from jobs.config import Settings, load_settings
from jobs.config.spellings import event_spellings, key_spellings

SETTINGS = """
landing: landing
destinations:
  mutiny: {consent_categories: [Advertising]}
exclude: ['contains(context.userAgent, "bot")', 'context.myOwn.flag = true']
conversions:
  - name: order
    trigger: 'type = "track" and (event = "Order Completed" or properties.orderKind = "new")'
    value: properties.revenue
    distinct_by: properties.order_id
breakdowns: [context.myOwn.kind, "traits.jobTitle"]
naming: {aliases: {OrderCompleted: "Order Completed", "Old Name": "New Name"}}
"""


def settings(folder: Path) -> Settings:
    (folder / "lift.yml").write_text(SETTINGS)
    return load_settings(folder / "lift.yml")


def test_spellings_name_every_key_that_is_read_and_not_its_own_snake_case(tmp_path: Path) -> None:
    found = {
        column: {tuple(key["path"]): tuple(key["staged"]) for key in keys}
        for column, keys in key_spellings(settings(tmp_path)).items()
    }
    assert found == {
        "properties": {
            ("audienceSegment",): ("audience_segment",),
            ("environmentName",): ("environment_name",),
            ("orderKind",): ("order_kind",),
        },
        "traits": {
            ("mutinyVisitorId",): ("mutiny_visitor_id",), ("jobTitle",): ("job_title",),
        },
        "context": {
            ("myOwn", "flag"): ("my_own_flag",),
            ("myOwn", "kind"): ("my_own_kind",),
            ("consent", "categoryPreferences", "Advertising"): (
                "consent", "categoryPreferences", "advertising",
            ),
        },
    }  # fmt: skip


def test_spellings_leave_a_key_in_place_that_is_read_there_too(tmp_path: Path) -> None:
    (tmp_path / "lift.yml").write_text(
        "landing: landing\nexclude: ['properties.a.b = 1', 'properties.a_b = 1']\n"
    )
    keys = key_spellings(load_settings(tmp_path / "lift.yml"))["properties"]
    assert {"staged": ["a_b"], "path": ["a", "b"], "moves": False} in keys


def test_spellings_of_events_prefer_triggers_to_retired_names(tmp_path: Path) -> None:
    found = event_spellings(settings(tmp_path))
    assert found["order_completed"] == "Order Completed"
    assert found["mutiny_questionnaire_completed"] == "Mutiny Questionnaire Completed"
    assert found["mutiny_experience_viewed"] == "Mutiny Experience Viewed"
    assert found["account_removed_user"] == "Account Removed User"
    assert (found["old_name"], found["new_name"]) == ("Old Name", "New Name")
