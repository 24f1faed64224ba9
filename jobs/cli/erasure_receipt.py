"""The receipt of an erasure, for the answer to the person. It is stored nowhere."""

from collections.abc import Iterator

from rich.console import Console

from jobs.cli.terminal import print_section
from jobs.erase.run import Receipt

# By whether the files are the CRM's, and whether they name these persons or earlier ones.
FILES = {
    (False, True): "Landing files that still name them; rewrite or delete them",
    (True, True): "CRM files with a record of theirs; export them again without it",
    (False, False): "Landing files with rows of persons erased earlier, perhaps of these",
    (True, False): "CRM files with records of persons erased earlier, perhaps of these",
}


def print_receipt(console: Console, receipt: Receipt, *, is_preview: bool = False) -> None:
    """Print what was removed, and every file of the operator that still names the persons."""
    title = "An erasure would remove (nothing was changed)" if is_preview else "Erased"
    print_section(console, title, removed(receipt))
    for (is_crm, is_now), heading in FILES.items():
        if paths := receipt.paths(is_crm=is_crm, is_now=is_now):
            print_section(console, heading, paths)


def receipt_lines(receipt: Receipt) -> Iterator[str]:
    """Return the receipt as lines of a log, one per file."""
    yield from removed(receipt)
    for (is_crm, is_now), heading in FILES.items():
        yield from (f"{heading}: {path}" for path in receipt.paths(is_crm=is_crm, is_now=is_now))


def removed(receipt: Receipt) -> Iterator[str]:
    """Return what was removed, one sentence each."""
    yield f"users: {', '.join(receipt.user_ids)}"
    if receipt.unknown_ids:
        yield f"found nowhere, and kept out from now on: {', '.join(receipt.unknown_ids)}"
    if receipt.erased_before:
        yield f"erased before: {', '.join(receipt.erased_before)}"
    types = ", ".join(
        f"{count:,} {id_type}" for id_type, count in sorted(receipt.identifiers.items())
    )
    yield f"identifiers: {types or 'none'}"
    yield (
        f"messages: {sum(file.messages for file in receipt.files):,} rows, copies included, and"
        " everything derived from them: traits, links, exposures, conversions"
    )
    yield f"texts of rejected rows: {sum(file.rejected_rows for file in receipt.files):,}"
    yield (
        f"CRM records under any email they had: {sum(file.crm_records for file in receipt.files):,}"
    )
    yield (
        f"files rewritten: the warehouse, segment changes, {receipt.publication},"
        f" {receipt.exports}; deleted: {receipt.generations:,} earlier publications, dbt's logs and"
        " target, temporary files"
    )
