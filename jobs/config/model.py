"""The whole of `lift.yml`."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr

from jobs.config.base import Part
from jobs.config.breakdowns import BreakdownText
from jobs.config.destinations import Destinations
from jobs.config.experiences import ConversionSettings, ExperienceSettings
from jobs.config.exposures import ExposureEntry, MutinyExposures
from jobs.config.operations import (
    AlertSettings,
    ExportSettings,
    NamingSettings,
    PrivacySettings,
    PublicationSettings,
    QualitySettings,
    ResourceSettings,
    StatisticsSettings,
    TotalsFile,
)
from jobs.config.problems import Problem, SettingsError
from jobs.config.segments import AudienceSettings, CrmSettings, SegmentSettings
from jobs.config.sources import DestinationName, IdentitySettings, SourceSettings
from jobs.config.tables import ConfigReportedTotal
from jobs.config.values import Landing, LocalPath, Name, TriggerText


class Settings(Part):
    """What `lift.yml` says; everything but `landing` has a default.

    Read it with `load_settings`: only there are mistakes across keys found, the environment read
    and lines known. `landing` is an absolute folder or a URL; all other paths are absolute.
    """

    version: Literal[1] = 1
    landing: Landing
    warehouse: LocalPath = Path("var/warehouse.duckdb")
    publish: LocalPath = Path("var/published")
    sources: dict[Name, SourceSettings] = Field(default_factory=dict)
    destinations: Destinations = Field(default_factory=Destinations)
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    exclude: tuple[TriggerText, ...] = ()
    exposures: tuple[ExposureEntry, ...] = Field(
        default_factory=lambda: (MutinyExposures(adapter="mutiny"),)
    )
    experiences: ExperienceSettings = Field(default_factory=ExperienceSettings)
    conversions: tuple[ConversionSettings, ...] = ()
    audiences: tuple[AudienceSettings, ...] = ()
    segments: tuple[SegmentSettings, ...] = ()
    crm: CrmSettings = Field(default_factory=CrmSettings)
    breakdowns: tuple[BreakdownText, ...] = ()
    statistics: StatisticsSettings = Field(default_factory=StatisticsSettings)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    naming: NamingSettings = Field(default_factory=NamingSettings)
    quality: QualitySettings = Field(default_factory=QualitySettings)
    resources: ResourceSettings = Field(default_factory=ResourceSettings)
    publication: PublicationSettings = Field(default_factory=PublicationSettings)
    exports: ExportSettings = Field(default_factory=ExportSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    reconcile: dict[Literal["mutiny", "abmatic", "split"], TotalsFile] = Field(default_factory=dict)

    _file: Path = PrivateAttr(default=Path("lift.yml"))
    _secrets: dict[str, SecretStr] = PrivateAttr(default_factory=dict)
    _reported_totals: tuple[ConfigReportedTotal, ...] = PrivateAttr(default=())

    @property
    def file(self) -> Path:
        """The file the settings were read from."""
        return self._file

    @property
    def reported_totals(self) -> tuple[ConfigReportedTotal, ...]:
        """What the files of `reconcile` say."""
        return self._reported_totals

    @property
    def main_conversion(self) -> ConversionSettings | None:
        """The conversion marked `main`, else the first; None when there is none."""
        marked = (conversion for conversion in self.conversions if conversion.main)
        return next(marked, next(iter(self.conversions), None))

    @property
    def hash_key(self) -> SecretStr | None:
        """The key of `privacy.hash`; None when nothing is hashed."""
        return self._secrets.get(self.privacy.hash_key_env) if self.privacy.hash else None

    @property
    def postgres_url(self) -> SecretStr | None:
        """The connection URL of the export to Postgres; None when there is none.

        Raises:
            SettingsError: `exports.postgres_env` names a variable that is not set.
        """
        variable = self.exports.postgres_env
        if variable is not None and variable not in self._secrets:
            message = (
                f"names the environment variable {variable}, which is not set;"
                " set it, or remove the key"
            )
            raise SettingsError([Problem(str(self._file), None, "exports.postgres_env", message)])
        return None if variable is None else self._secrets[variable]

    def secret(self, variable: str) -> SecretStr | None:
        """Return what an environment variable holds that a key names; None if it is not set."""
        return self._secrets.get(variable)

    def source_key(self, folder: str) -> str:
        """Return the key of the source with this folder or id; an unknown one is returned as is."""
        if folder in self.sources:
            return folder
        return next((key for key in self.sources if self.source_id(key) == folder), folder)

    def source_id(self, key: str) -> str:
        """Return the id of a source, by default its key; an unknown one is returned as is."""
        source = self.sources.get(key)
        return key if source is None or source.id is None else source.id

    def names_destination(self, destination: DestinationName) -> bool:
        """Return whether the configuration names a destination; if not, every source has it."""
        return destination in self.destinations.model_fields_set or any(
            destination in (source.destinations or ()) for source in self.sources.values()
        )

    def is_connected(self, source: str, destination: DestinationName) -> bool:
        """Return whether a source, by key or id, is connected to a destination."""
        settings = self.sources.get(self.source_key(source))
        if (
            settings is None
            or settings.destinations is None
            or not self.names_destination(destination)
        ):
            return True
        return destination in settings.destinations

    def sources_connected(self, destination: DestinationName) -> tuple[str, ...]:
        """Return the keys of the configured sources that are connected to a destination."""
        return tuple(key for key in self.sources if self.is_connected(key, destination))

    def canonical(self) -> dict[str, Any]:
        """Return every setting as JSON data, with local paths relative to the file's folder.

        It holds no secret: of a secret the file has only the name of its variable.
        """
        folder = str(self._file.absolute().parent) + "/"
        data: dict[str, Any] = _relative(self.model_dump(mode="json"), folder)
        return data

    def config_hash(self) -> str:
        """Return the SHA-256 of the settings: comments, order and the folder do not matter."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _relative(value: Any, folder: str) -> Any:
    if isinstance(value, str):
        return value.removeprefix(folder)
    if isinstance(value, dict):
        return {key: _relative(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_relative(inner, folder) for inner in value]
    return value
