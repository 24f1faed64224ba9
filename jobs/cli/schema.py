"""`lift schema`: the JSON Schema of `lift.yml`."""

import json
import sys


def schema() -> None:
    """Print the JSON Schema of lift.yml.

    Editors that know the YAML language server complete and check lift.yml with it.
    docs/lift-yml.md describes every key.
    """
    from jobs.schema.json_schema import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
