"""A made-up company whose landing zone has a known lift: what `lift demo` writes."""

from jobs.demo.company import LAYOUTS
from jobs.demo.target import DemoPaths, DemoSummary, DemoTargetError
from jobs.demo.write import write_demo

__all__ = ["LAYOUTS", "DemoPaths", "DemoSummary", "DemoTargetError", "write_demo"]
