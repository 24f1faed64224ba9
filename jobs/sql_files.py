"""SQL statements that live in files: `sql/<name>.sql` beside the module that runs them."""

from pathlib import Path


def read_sql(module: str, name: str) -> str:
    """Return the statement `name` of the module with this `__file__`."""
    return (Path(module).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
