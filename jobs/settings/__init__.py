"""The configuration: `lift.yml` as typed, checked settings. Nothing else reads the environment."""

from jobs.settings.load import load_settings
from jobs.settings.model import Settings
from jobs.settings.problems import Problem, SettingsError

__all__ = ["Problem", "Settings", "SettingsError", "load_settings"]
