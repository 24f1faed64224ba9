"""How far a run is: what its steps report, and what the command line shows."""


class Progress:
    """Discards all progress events."""

    def step(self, name: str) -> None:
        """Note that a step begins."""

    def staged(self, rows: int, size: int, size_to_read: int) -> None:
        """Note how many messages are staged, and how many of the bytes to read."""

    def built(self, node: str, index: int, total: int) -> None:
        """Note that a model or check starts, the `index`-th of `total`."""


SILENT = Progress()
