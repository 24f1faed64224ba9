"""The configuration: `lift.yml` as typed, checked settings. Nothing else reads the environment."""

from jobs.config.load import load_settings
from jobs.config.model import Settings
from jobs.config.problems import Problem, SettingsError

__all__ = ["Problem", "Settings", "SettingsError", "load_settings"]
