"""Every mistake in `lift.yml` is one sentence with file, line and key, and all come at once."""

from pathlib import Path

import pytest

from jobs.config import Problem, SettingsError, load_settings

SIGNUP = "{name: signup, trigger: 'event = \"Signed Up\"'}"
CUSTOM = 'adapter: custom, vendor: v, trigger: \'event = "E"\', experience: ["=e"]'


def problems(text: str) -> list[str]:
    Path("lift.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("lift.yml"))
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIFT_HASH_KEY", raising=False)


# The text behind `landing:` starts on line 2.
CASES = [
    # Keys and plain values.
    ("landin: x", 2, "landin", "did you mean landing?"),
    ("sources: {web: {knd: website}}", 2, "sources.web.knd", "did you mean kind?"),
    ("zzz: 1", 2, "zzz", "the key is unknown; write one of version"),
    ("version: 2", 2, "version", "2 is not allowed"),
    ("warehouse: 5", 2, "warehouse", "5 is no path"),
    ("sources: [web]", 2, "sources", "is no mapping"),
    ("sources: {web: web}", 2, "sources.web", "is no mapping"),
    ("sources: {web: {id: 5}}", 2, "sources.web.id", "put it in quotes"),
    ("sources: {web: {kind: site}}", 2, "sources.web.kind", '"site" is not allowed'),
    ("sources:\n  web:\n    kind: webiste", 4, "sources.web.kind", "did you mean website?"),
    ("identity: {max_links: many}", 2, "identity.max_links", "no whole number"),
    ("identity: {max_links: true}", 2, "identity.max_links", "no whole number"),
    ("identity: {max_links: 0}", 2, "identity.max_links", "1 or more"),
    ("identity: {merge_on_alias: maybe}", 2, "identity.merge_on_alias", "true nor false"),
    ("exclude: {a: 1}", 2, "exclude", "is no list"),
    ("exclude: [5]", 2, "exclude[0]", "5 is no trigger"),
    ("quality: {max_rejected_share: 2}", 2, "quality.max_rejected_share", "1 or less"),
    ("quality: {stale_after: 24}", 2, "quality.stale_after", "24 is no duration"),
    ("quality: {stale_after: 0h}", 2, "quality.stale_after", "is zero"),
    ("resources: {memory_limit: 4 apples}", 2, "resources.memory_limit", "amount of memory"),
    ("resources: {memory_limit: 0GB}", 2, "resources.memory_limit", "amount of memory"),
    ("resources: {threads: 0}", 2, "resources.threads", "1 or more"),
    ("publication: {events: tabel}", 2, "publication.events", "did you mean table?"),
    ("exports: {formats: [xslx]}", 2, "exports.formats[0]", "did you mean xlsx?"),
    ("alerts: {on: [winner]}", 2, "alerts.on[0]", "write one of failure, error, verdict"),
    ("alerts: {webhook_env: 'https://x/y'}", 2, "alerts.webhook_env", "never the secret itself"),
    ("reconcile: {mutiny: totals.xlsx}", 2, "reconcile.mutiny", "a path that ends in .csv"),
    ("reconcile: {mutinny: totals.csv}", 2, "reconcile.mutinny", "did you mean mutiny?"),
    ("statistics: {alpha: 1}", 2, "statistics.alpha", "below 1"),
    ("statistics: {alpha: 0}", 2, "statistics.alpha", "above 0"),
    ("statistics: {alpha: .inf}", 2, "statistics.alpha", "is no number"),
    ("statistics: {prior: {stddev: 0}}", 2, "statistics.prior.stddev", "above 0"),
    ("statistics: {winsorize: 0.4}", 2, "statistics.winsorize", "above 0.5"),
    ("statistics: {crossover: last}", 2, "statistics.crossover", "is not allowed"),
    ('identity: {blocked: ["a(?=b)"]}', 2, "identity.blocked[0]", "look-arounds"),
    ('identity: {blocked: ["(a)\\\\1"]}', 2, "identity.blocked[0]", "back-references"),
    ('identity: {blocked: ["[a"]}', 2, "identity.blocked[0]", "regular expression"),
    # Characters that no table can hold.
    (r'sources: {"w\0b": {}}', 2, "sources", r"\x00 is not a character; remove it"),
    (r'naming: {aliases: {a: "b\0"}}', 2, "naming.aliases.a", r"\x00 is not a character"),
    (r'experiences: {segment_aliases: {a: "\ud83c"}}', 2, "experiences.segment_aliases.a", "ud83c"),
    (r'audiences: [{name: "a"}, {key: "\udf89"}]', 2, "audiences[1].key", "udf89 is not"),
    # Triggers and paths.
    ("exclude: ['contain(event, \"x\")']", 2, "exclude[0]", "at column 1; did you mean contains?"),
    ('exclude: [\'event = "a" or type = "b" and name = "c"\']', 2, "exclude[0]", "column 27"),
    ("breakdowns: [contxt.page]", 2, "breakdowns[0]", "did you mean context.page?"),
    ("privacy: {deny: [traits]}", 2, "privacy.deny[0]", "whole object"),
    # Sources and destinations.
    ("sources: {web: {destinations: [mutini]}}", 2, "sources.web.destinations[0]", "mutiny?"),
    ("sources: {a: {id: x}, b: {id: x}}", 2, "sources.b.id", "is the source a already"),
    ("sources: {a: {id: b}, b: {}}", 2, "sources.a.id", "is the source b already"),
    ("destinations: {mutinny: {}}", 2, "destinations.mutinny", "did you mean mutiny?"),
    ("destinations: {mutiny: {state: on}}", 2, "destinations.mutiny.state", "is not allowed"),
    (
        "destinations:\n  abmatic:\n    conversion_integration: [segment, google_analytics]",
        4,
        "destinations.abmatic.conversion_integration",
        "deactivate google_analytics first",
    ),
    (
        "destinations: {abmatic: {conversion_integration: [hubspot]}}",
        2,
        "destinations.abmatic.conversion_integration[0]",
        "is not allowed",
    ),
    (
        "destinations:\n  mutiny:\n    api_key: abc123",
        4,
        "destinations.mutiny.api_key",
        "this job calls no vendor, so it holds no key",
    ),
    (
        "destinations:\n  split: {api_key_env: SPLIT_KEY}",
        3,
        "destinations.split.api_key_env",
        "this job calls no vendor, so it holds no key",
    ),
    (
        "destinations: {split: {event_type_id: checkout}}",
        2,
        "destinations.split.event_type_id",
        "such as properties.checkout",
    ),
    (
        "destinations: {split: {page_name: 'view_{page}'}}",
        2,
        "destinations.split.page_name",
        "{page} is unknown",
    ),
    (
        "destinations: {mixpanel: {super_properties: all}}",
        2,
        "destinations.mixpanel.super_properties",
        "is not allowed",
    ),
    (
        "destinations: {mixpanel: {mappings: [{trigger: 'x = 1'}]}}",
        2,
        "destinations.mixpanel.mappings[0].trigger",
        "is no field",
    ),
    (
        "destinations: {split: {unit: {device: x}}}",
        2,
        "destinations.split.unit.device",
        "is not allowed",
    ),
    # Exposures.
    ("exposures: [{adapter: mutinny}]", 2, "exposures[0]", "the adapter is unknown"),
    ("exposures: [{unit: person}]", 2, "exposures[0]", "the adapter is unknown"),
    ("exposures: [{adapter: mutiny, unt: person}]", 2, "exposures[0].unt", "did you mean unit?"),
    ("exposures: [{adapter: mutiny, trigger: x}]", 2, "exposures[0].trigger", "built-in adapter"),
    ("exposures: [{adapter: split, unit: device}]", 2, "exposures[0].unit", "is not allowed"),
    (f"exposures: [{{{CUSTOM}}}]", 2, "exposures[0].variant", "is missing"),
    (
        "exposures:\n  - adapter: mutiny\n  - {adapter: abmatic, variant: =v, experience: =e}",
        4,
        "exposures[1].trigger",
        "is missing",
    ),
    (f"exposures: [{{{CUSTOM}, variant: []}}]", 2, "exposures[0].variant", "is empty"),
    (f"exposures: [{{{CUSTOM}, variant: [arm]}}]", 2, "exposures[0].variant[0]", "properties.arm"),
    (f"exposures: [{{{CUSTOM}, variant: ['=']}}]", 2, "exposures[0].variant[0]", "no constant"),
    (
        "exposures:\n  - adapter: mutiny\n  - adapter: mutiny",
        4,
        "exposures[1].adapter",
        "exposures[0] takes every message that this entry could match",
    ),
    (  # of people there is always one
        "exposures:\n  - {adapter: split}\n  - {adapter: split, unit: user_id}",
        4,
        "exposures[1].adapter",
        "exposures[0] takes every",
    ),
    (
        "sources: {web: {id: k}}\nexposures:\n  - {adapter: split, sources: [web, web]}\n"
        "  - {adapter: split, sources: [k]}",
        5,
        "exposures[1].adapter",
        "exposures[0] takes every",
    ),
    (
        f"exposures:\n  - {{{CUSTOM}, variant: =v}}\n  - adapter: mutiny\n"
        f"  - {{{CUSTOM}, variant: =w}}",
        5,
        "exposures[2].adapter",
        "exposures[0] takes every",
    ),
    # Names that stand for something else in published tables.
    (
        'experiences: {segment_aliases: {SMB: "(all)"}}',
        2,
        "experiences.segment_aliases.SMB",
        "'(all)' is a reserved name",
    ),
    (
        "experiences:\n  segment_aliases:\n    (other): Others",
        4,
        "experiences.segment_aliases.(other)",
        "'(other)' is a reserved name",
    ),
    (
        "experiences: {expected_split: {(none): {control: 0.5, personalized: 0.5}}}",
        2,
        "experiences.expected_split.(none)",
        "'(none)' is a reserved name",
    ),
    (
        "experiences: {expected_split: {Home: {control: 0.5, (none): 0.5}}}",
        2,
        "experiences.expected_split.Home.(none)",
        "'(none)' is a reserved name",
    ),
    (
        "experiences: {periods: {(all): [{from: 2026-01-01}]}}",
        2,
        "experiences.periods.(all)",
        "'(all)' is a reserved name",
    ),
    (
        "exposures: [{adapter: segment_experiment, control_variants: [control, (none)]}]",
        2,
        "exposures[0].control_variants[1]",
        "'(none)' is a reserved name",
    ),
    (
        "exposures: [{adapter: split, baseline: {'*': (none)}}]",
        2,
        "exposures[0].baseline.*",
        "'(none)' is a reserved name",
    ),
    (
        "exposures: [{adapter: split, baseline: {(all): off}}]",
        2,
        "exposures[0].baseline.(all)",
        "'(all)' is a reserved name",
    ),
    (
        f"exposures: [{{{CUSTOM}, variant: [properties.arm, =(other)]}}]",
        2,
        "exposures[0].variant[1]",
        "'(other)' is a reserved name",
    ),
    (
        f"exposures: [{{{CUSTOM}, variant: =v, audience_segment: =(all)}}]",
        2,
        "exposures[0].audience_segment[0]",
        "'(all)' is a reserved name",
    ),
    (
        'exposures: [{adapter: custom, vendor: (all), trigger: type = "page", experience: =e,'
        " variant: =v}]",
        2,
        "exposures[0].vendor",
        "'(all)' is a reserved name",
    ),
    (
        "conversions: [{name: (none), trigger: 'event = \"E\"'}]",
        2,
        "conversions[0].name",
        "'(none)' is a reserved name",
    ),
    (
        "segments: [{name: (all), all: [{trait: t, op: '=', value: 1}]}]",
        2,
        "segments[0].name",
        "'(all)' is a reserved name",
    ),
    # Experiences.
    (
        "experiences: {expected_split: {E: {control: 0.5, on: 0.4}}}",
        2,
        "experiences.expected_split.E",
        "sum to 0.9",
    ),
    (
        "experiences: {expected_split: {E: {control: 0, on: 1}}}",
        2,
        "experiences.expected_split.E.control",
        "above 0",
    ),
    (
        "experiences:\n  periods:\n    E:\n      - {from: 2026-02-01, to: 2026-01-01}",
        5,
        "experiences.periods.E[0]",
        "not before",
    ),
    (
        "experiences:\n  periods:\n    E:\n      - {from: 2026-01-01, to: 2026-03-01}\n"
        "      - {from: 2026-02-01}",
        6,
        "experiences.periods.E[1]",
        "overlaps",
    ),
    (
        "experiences:\n  periods:\n    E:\n      - {from: 2026-01-01}\n      - {from: 2026-02-01}",
        6,
        "experiences.periods.E[1]",
        "has no end",
    ),
    (
        "experiences: {periods: {E: [{from: soon}]}}",
        2,
        "experiences.periods.E[0].from",
        '"soon" is no date',
    ),
    ("experiences: {periods: {E: [{to: 2026-01-01}]}}", 2, "experiences.periods.E[0].from", "add"),
    (
        "experiences: {periods: {E: [{from: 2026-13-01}]}}",
        2,
        "experiences.periods.E[0].from",
        '"2026-13-01" is no date',
    ),
    # Conversions.
    ("conversions: [{trigger: 'event = \"x\"'}]", 2, "conversions[0].name", "is missing"),
    ("conversions: [{name: a, trigger: 'evnt = 1'}]", 2, "conversions[0].trigger", "event?"),
    (
        f"conversions:\n  - {SIGNUP}\n  - {SIGNUP}",
        4,
        "conversions[1].name",
        "conversions[0] already",
    ),
    (
        "conversions:\n  - {name: a, main: true, trigger: 'event = \"A\"'}\n"
        "  - {name: b, main: true, trigger: 'event = \"B\"'}",
        4,
        "conversions[1].main",
        "'a' is the main conversion already",
    ),
    (
        "sources: {web: {}}\nconversions:\n  - name: a\n    trigger: 'event = \"A\"'\n"
        "    sources:\n      - wbe",
        7,
        "conversions[0].sources[0]",
        "did you mean web?",
    ),
    (
        "sources: {web: {}}\nexposures:\n  - adapter: mutiny\n    sources: [web, wbe]",
        5,
        "exposures[0].sources[1]",
        "did you mean web?",
    ),
    ("exposures: [{adapter: mutiny, sources: []}]", 2, "exposures[0].sources", "list is empty"),
    (
        "conversions: [{name: a, trigger: 'event = \"A\"', sources: []}]",
        2,
        "conversions[0].sources",
        "list is empty",
    ),
    (
        "conversions: [{name: a, trigger: 'event = \"A\"', window: 7}]",
        2,
        "conversions[0].window",
        "7 is no duration",
    ),
    (
        "conversions: [{name: a, trigger: 'event = \"A\"', value: revenue}]",
        2,
        "conversions[0].value",
        "properties.revenue",
    ),
    (
        "naming: {aliases: {SignedUp: Signed Up}}\n"
        "conversions: [{name: a, trigger: 'event = \"SignedUp\"'}]",
        3,
        "conversions[0].trigger",
        "'SignedUp' at column 9 is an old name; write 'Signed Up'",
    ),
    (
        "naming: {aliases: {SignedUp: Signed Up}}\n"
        "segments: [{name: s, not: {event: 'event in [\"SignedUp\"]'}}]",
        3,
        "segments[0].not.event",
        "is an old name",
    ),
    ("naming: {aliases: {A: B, B: C}}", 2, "naming.aliases.A", "map it to 'C'"),
    ("naming: {aliases: {A: A}}", 2, "naming.aliases.A", "remove it"),
    # Audiences, segments, CRM.
    ("audiences: [{}]", 2, "audiences[0]", "needs a key or a name"),
    ("audiences: [{name: 'A B'}, {key: a_b}]", 2, "audiences[1].key", "audiences[0] already"),
    ("segments: [{name: s}]", 2, "segments[0]", "exactly one of all, any and not"),
    ("segments: [{name: s, all: []}]", 2, "segments[0].all", "is empty"),
    ("segments: [{name: s, all: [{}]}]", 2, "segments[0].all[0]", "this is no predicate"),
    (
        "segments: [{name: s, all: [{trait: a, lead: b, value: 1}]}]",
        2,
        "segments[0].all[0]",
        "exactly one of the keys",
    ),
    (
        "segments: [{name: s, all: [{trait: a, op: '<', value: '5'}]}]",
        2,
        "segments[0].all[0].value",
        "numbers only",
    ),
    (
        "segments: [{name: s, all: [{trait: a, op: in, value: 5}]}]",
        2,
        "segments[0].all[0].value",
        "takes a list",
    ),
    (
        "segments: [{name: s, all: [{trait: a, op: match, value: '[x'}]}]",
        2,
        "segments[0].all[0].value",
        "is not closed",
    ),
    ("segments: [{name: s, all: [{trait: a}]}]", 2, "segments[0].all[0].value", "is missing"),
    (
        "segments: [{name: s, any: [{not: {all: [{event: 'typ = 1'}]}}]}]",
        2,
        "segments[0].any[0].not.all[0].event",
        "did you mean type?",
    ),
    (
        "segments:\n  - {name: A B, all: [{trait: t, value: 1}]}\n"
        "  - {name: a_b, all: [{trait: t, value: 1}]}",
        4,
        "segments[1].name",
        "'a_b' is told as a_b, as 'A B' is",
    ),
    (
        "segments: [{name: s, all: [{audience: a}]}, {name: s, all: [{audience: b}]}]",
        2,
        "segments[1].name",
        "segments[0] already",
    ),
    (
        "crm: {fields: {lead: [Industry]}}\n"
        "segments:\n  - {name: s, any: [{lead: Industri, value: x}]}",
        4,
        "segments[0].any[0].lead",
        "did you mean Industry?",
    ),
    (
        "segments: [{name: s, any: [{contact: Title, value: x}]}]",
        2,
        "segments[0].any[0].contact",
        "add it to crm.fields.contact",
    ),
    ("crm: {leads: leads.xlsx}", 2, "crm.leads", "ends in .csv or .parquet"),
    ("breakdowns: [segment:smal]", 2, "breakdowns[0]", "the segment 'smal' is unknown"),
    ("breakdowns: [userId, userId]", 2, "breakdowns[1]", "breakdowns[0] already"),
    # Privacy.
    ("privacy: {hash: [traits.email]}", 2, "privacy.hash_key_env", "LIFT_HASH_KEY is not set"),
    ("privacy: {hash_key_env: 'my key!'}", 2, "privacy.hash_key_env", "never the secret itself"),
    # YAML.
    ("quality: {}\nquality: {}", 3, "quality", "stands on line 2 already"),
    ("sources: {web: {kind: server, kind: product}}", 2, "sources.web.kind", "already"),
    ("sources:\n  1: {}", 3, "sources", "put the key in quotes"),
    ("exclude: !secret x", 2, "exclude", "the tag !secret is unknown"),
    ("audiences: &a [*a]", 2, "audiences[0]", "inside its own anchor"),
]


@pytest.mark.parametrize(("text", "line", "key", "message"), CASES)
def test_mistake_names_file_line_and_key(text: str, line: int, key: str, message: str) -> None:
    found = problems(f"landing: landing\n{text}\n")
    assert len(found) == 1, found
    assert found[0].startswith(f"lift.yml:{line}: {key}: ")
    assert message in found[0]
    assert found[0].endswith((".", "?"))
    assert "\n" not in found[0]
    assert "abc123" not in found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "lift.yml:1: landing: the key is missing; add it."),
        ("landing:\n", "lift.yml:1: landing: null is no path"),
        ("landing: https://x/y\n", "lift.yml:1: landing: https:// is not supported"),
        ("- a\n- b\n", "lift.yml:1: the file is no mapping"),
        ("landing: x\nsources: {web: [\n", "lift.yml:3: this is not YAML"),
        ("landing: x\nb: c: d\n", "lift.yml:2: this is not YAML"),
        ("landing: x\n---\nlanding: y\n", "lift.yml:2: this is not YAML"),
        ("landing: \x07\n", "lift.yml:1: this is not YAML"),
        ("a: " + "[" * 3_000, "lift.yml:1: the YAML is nested too deeply"),
    ],
)
def test_file_that_is_no_configuration(text: str, expected: str) -> None:
    found = problems(text)
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://AKIA123:abc/123@bucket/x", "write the bucket and prefix alone, and set AWS_ACCESS_"),
        ("s3://abc123@bucket", "write the bucket and prefix alone, and set AWS_ACCESS_KEY_ID"),
        (
            "az://box/x?sv=1&sig=abc123",
            "query string; write the bucket and prefix alone, and set A",
        ),
        ("gs://bucket?token=abc123", "set GOOGLE_APPLICATION_CREDENTIALS in the environment."),
        ("s3://bucket:9000/abc123", "a port or a query string"),
        ("s3:///abc123", "names no bucket; write s3://bucket/prefix."),
        ("s3://abc 123/x", "names no bucket"),
        ("az://box/abc//123", "an empty name, '.', '..' or a control character"),
        ("gs://box/../abc123", "write gs://bucket/prefix."),
        ("ftp://abc123@host/x", "ftp:// is not supported; write a folder or an s3://, gs:// or az"),
        ("http://host/x?abc123", "http:// is not supported; write a folder or an s3://, gs:// or"),
    ],
)
def test_landing_url_holds_bucket_and_prefix_alone(url: str, message: str) -> None:
    found = problems(f"landing: '{url}'\n")
    assert len(found) == 1
    assert found[0].startswith("lift.yml:1: landing: ")
    assert message in found[0]
    assert "abc" not in found[0]
    assert "AKIA123" not in found[0]


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("AWS_ENDPOINT_URL", "s3://bucket"),
        ("AWS_ENDPOINT_URL_S3", "s3://bucket"),
        ("GOOGLE_BASE_URL", "gs://bucket"),
        ("AZURE_STORAGE_ENDPOINT", "az://bucket"),
    ],
)
@pytest.mark.parametrize("endpoint", ["", "minio:9000", "http://me:abc123@minio", "ftp://minio"])
def test_endpoint_of_the_landing_zone_is_a_url(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str, endpoint: str
) -> None:
    monkeypatch.setenv(variable, endpoint)
    assert problems(f"landing: {url}\n") == [
        f"lift.yml:1: landing: the environment variable {variable} is no URL;"
        " set it to one such as https://storage.example.com, or unset it."
    ]


def test_missing_file_names_the_remedy() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("nowhere.yml"))
    assert str(caught.value) == (
        "nowhere.yml: does not exist; run `lift demo DIR` to write one, or pass `--config PATH`."
    )


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_file_that_is_not_utf_8() -> None:
    Path("lift.yml").write_bytes(b"landing: caf\xe9\n")
    with pytest.raises(SettingsError, match="byte 13 is not UTF-8"):
        load_settings(Path("lift.yml"))


def test_all_mistakes_are_reported_at_once() -> None:
    found = problems(
        """\
landing: landing
warehose: var/x.duckdb
sources:
  web: {id: a, kind: webiste}
  app: {id: a}
destinations:
  mutiny: {api_key: abc123}
conversions:
  - {name: signup, trigger: 'evnt = "Signed Up"', window: 7}
  - {name: signup, trigger: 'event = "SignedUp"', main: yes please}
  - {trigger: 'event = "A"', sources: [wob]}
segments:
  - {name: s, all: [{lead: Industry, value: 1}, {trait: a, op: "<", value: x}]}
naming: {aliases: {SignedUp: Signed Up}}
statistics: {alpha: 5, power: high}
privacy: {hash: [traits.email, email]}
statistics: {alpha: 0.05}
"""
    )
    places = [
        text.split(": ")[0].removeprefix("lift.yml:") + " " + text.split(": ")[1] for text in found
    ]
    assert places == [
        "2 warehose",
        "4 sources.web.kind",
        "5 sources.app.id",
        "7 destinations.mutiny.api_key",
        "9 conversions[0].trigger",
        "9 conversions[0].window",
        "10 conversions[1].main",
        "10 conversions[1].trigger",
        "11 conversions[2].name",
        "13 segments[0].all[0].lead",
        "13 segments[0].all[1].value",
        "15 statistics.alpha",
        "15 statistics.power",
        "16 privacy.hash[1]",
        "16 privacy.hash_key_env",
        "17 statistics",
    ]


def test_lines_inside_a_flow_mapping_over_several_lines() -> None:
    found = problems("landing: x\nstatistics: {\n  alpha: 0.05,\n  power: 2,\n  scope: some\n}\n")
    assert [text.split(": ")[:2] for text in found] == [
        ["lift.yml:4", "statistics.power"],
        ["lift.yml:5", "statistics.scope"],
    ]


def test_a_part_that_is_left_out_makes_no_second_mistake() -> None:
    found = problems(
        "landing: x\nsources: {web: 5}\n"
        "conversions: [{name: a, trigger: 'event = \"A\"', sources: [web]}]\n"
        "segments: [{name: s, all: [{trait: 5, value: 1}, {lead: L, value: 1}]}]\n"
        "breakdowns: [segment:s]\ncrm: 5\n"
        "experiences: {expected_split: {E: {control: half, on: 0.5}}}\n"
    )
    assert [text.split(": ")[1] for text in found] == [
        "sources.web",
        "segments[0].all[0].trait",
        "crm",
        "experiences.expected_split.E.control",
    ]


def test_problem_without_key_and_line() -> None:
    assert str(Problem("lift.yml", None, "", "is empty")) == "lift.yml: is empty."
    assert (
        str(Problem("lift.yml", 3, "a.b", "did you mean c?")) == "lift.yml:3: a.b: did you mean c?"
    )


def test_every_mistake_of_a_trigger_is_a_problem_of_its_own() -> None:
    trigger = 'evnt = "a" and properties = null and event in ["SignedUp", "Joined"]'
    text = (
        "landing: x\nnaming: {aliases: {SignedUp: Signed Up, Joined: Signed Up}}\nconversions:\n"
        f"  - {{name: a, trigger: '{trigger}'}}\n"
        '  - {name: b, trigger: \'event in ["SignedUp", "Joined"]\', value: properties}\n'
    )
    assert problems(text) == [
        "lift.yml:4: conversions[0].trigger: 'evnt' is no field of a message at column 1;"
        " did you mean event?",
        "lift.yml:4: conversions[0].trigger: 'properties' is a whole object, not a field at"
        " column 16; name one of its keys, such as properties.plan.",
        "lift.yml:5: conversions[1].trigger: 'Joined' at column 23 is an old name;"
        " write 'Signed Up'.",
        "lift.yml:5: conversions[1].trigger: 'SignedUp' at column 11 is an old name;"
        " write 'Signed Up'.",
        "lift.yml:5: conversions[1].value: 'properties' is a whole object, not a field at"
        " column 1; name one of its keys, such as properties.plan.",
    ]
