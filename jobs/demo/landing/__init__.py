"""The landing zone of a demo: the same messages in any of the layouts."""

from jobs.demo.landing.removal import remove_landing
from jobs.demo.landing.writers import WRITERS, Landed, write_landing

__all__ = ["WRITERS", "Landed", "remove_landing", "write_landing"]
