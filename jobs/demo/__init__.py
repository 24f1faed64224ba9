"""A made-up company whose landing zone has a known lift: what `lift demo` writes."""

from jobs.demo.write import LAYOUTS, DemoPaths, DemoSummary, DemoTargetError, write_demo

__all__ = ["LAYOUTS", "DemoPaths", "DemoSummary", "DemoTargetError", "write_demo"]
