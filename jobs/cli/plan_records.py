"""A plan and a preview as JSON, one object a line."""

import json
from dataclasses import asdict
from datetime import date

from jobs.plan.matches import Plan
from jobs.plan.preview import Preview


def plan_lines(found: Plan) -> list[str]:
    """Return a line for every segment, audience, conversion and sample size."""
    records = [
        *({"kind": "segment", **asdict(rule)} for rule in found.rules),
        *({"kind": "audience", **asdict(audience)} for audience in found.audiences),
        *({"kind": "conversion", **asdict(conversion)} for conversion in found.conversions),
        *({"kind": "sample_size", **asdict(size)} for size in found.sample_sizes),
    ]
    return [json.dumps(record, default=date.isoformat) for record in records]


def preview_lines(filled: Preview) -> list[str]:
    """Return one line: for whom, the text, and what stands for each token."""
    return [json.dumps({"kind": "preview", **asdict(filled)})]
