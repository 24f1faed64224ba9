"""What an erasure removed, in words, for whoever has to answer the person. Nothing keeps it."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from jobs.erase.run import Receipt
from jobs.words import printable


def print_receipt(console: Console, receipt: Receipt) -> None:
    """Print what was removed and every file of the operator that still names the persons."""
    console.print(Text("Erased", "bold"))
    for words in removed(receipt):
        console.print(Text(f"  {printable(words)}"), soft_wrap=True)
    for heading, paths in (
        ("Landing files that still name them, yours to rewrite or delete", receipt.landing_files),
        ("CRM files with a record of theirs, yours to export anew", receipt.crm_files),
        (
            "Landing files with rows of persons erased earlier, perhaps of these",
            receipt.earlier_files,
        ),
        (
            "CRM files with records of persons erased earlier, perhaps of these",
            receipt.earlier_crm_files,
        ),
    ):
        if paths:
            console.print(Text(f"\n{heading}", "bold"), soft_wrap=True)
            for path in paths:
                console.print(Text(f"  {printable(path)}"), soft_wrap=True)


def receipt_lines(receipt: Receipt) -> Iterator[str]:
    """Return the receipt as lines of a log, a file a line."""
    yield from removed(receipt)
    yield from (f"landing file names them still: {path}" for path in receipt.landing_files)
    yield from (f"CRM file has a record of theirs still: {path}" for path in receipt.crm_files)
    yield from (
        f"landing file names persons erased earlier: {path}" for path in receipt.earlier_files
    )
    yield from (
        f"CRM file has a record of persons erased earlier: {path}"
        for path in receipt.earlier_crm_files
    )


def removed(receipt: Receipt) -> Iterator[str]:
    """Return what was removed, a sentence each."""
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
        f"messages: {receipt.messages:,} rows, copies included, with all that was made of them:"
        " traits, links, exposures, conversions"
    )
    yield f"texts of rows that were rejected before: {receipt.rejected_rows:,}"
    yield f"records of the CRM under emails they ever had: {receipt.crm_records:,}"
    yield (
        "files written anew: the warehouse, segment changes,"
        f" {receipt.publication}, {receipt.exports};"
        f" deleted: {receipt.generations:,} earlier publications, dbt's logs and target,"
        " temporary files"
    )
