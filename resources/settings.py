"""Every setting, in one place; each is an environment variable with the prefix OBSERVATORY_.

Belongs here: names, defaults and meanings of settings, and the paths derived from them.
Does not belong here: a publisher's address (a dataset module owns it) or any reading of data.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from resources.errors import ObservatoryError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

Profile = Literal["sample", "replay", "live"]


class Settings(BaseSettings):
    """The observatory's settings, read from OBSERVATORY_* environment variables."""

    model_config = SettingsConfigDict(env_prefix="OBSERVATORY_", extra="ignore", frozen=False)

    home: Path = Field(PROJECT_ROOT / "state", description="State folder: archive, lake, warehouse, serving files, Dagster history.")
    profile: Profile = Field("sample", description="sample: bundled synthetic publisher; replay: a folder of recordings; live: the real publishers.")
    recordings: Path | None = Field(None, description="Folder of recordings (index.json and bodies/) for the replay profile.")
    publisher_address: str | None = Field(None, description="Address of the loopback publisher for sample and replay, e.g. http://127.0.0.1:8801.")
    synthetic: bool = Field(False, description="Mark what is fetched as synthetic; set by itself from a recording's index.json.")
    base_addresses: dict[str, str] = Field(
        default_factory=dict, description='Base address by publisher host, as JSON, e.g. {"www.nomisweb.co.uk": "https://mirror.example/nomis"}.'
    )
    user_agent: str = Field("SkillsObservatory/0.1 (+https://example.org)", description="User-Agent sent to publishers: name yourself and a contact.")
    connect_timeout_seconds: float = Field(10.0, gt=0, description="Time to connect to a publisher.")
    read_timeout_seconds: float = Field(60.0, gt=0, description="Longest silence while reading a body.")
    marker_timeout_seconds: float = Field(8.0, gt=0, description="Time allowed for each release-marker request (sensors must answer within their tick).")
    body_deadline_seconds: float = Field(900.0, gt=0, description="Longest time one body may take, however steadily it trickles.")
    max_body_bytes: int = Field(512 * 1024**2, gt=0, description="Largest body accepted; the largest known payload is about 115 MB.")
    fetch_attempts: int = Field(4, ge=1, description="Attempts at a request that fails transiently.")
    backoff_seconds: float = Field(1.0, ge=0, description="First delay between attempts; doubled each time, with jitter.")
    max_retry_after_seconds: float = Field(120.0, ge=0, description="Longest Retry-After obeyed inside a run; longer ones fail the fetch until the next tick.")
    seconds_between_requests: float = Field(1.0, ge=0, description="Pause between two requests to one host (loopback publishers are not paced).")
    release_retry_attempts: int = Field(5, ge=1, description="Times a sensor asks again for a release whose ingest failed.")
    release_retry_delay_minutes: float = Field(30.0, gt=0, description="Delay before the first repeat; doubled each time.")
    sensor_interval_seconds: int = Field(3600, ge=30, description="Seconds between release-sensor ticks.")
    sensors_running: bool = Field(False, description="Start sensors with the code location instead of stopped.")
    warehouse_lock_timeout_seconds: float = Field(600.0, ge=0, description="How long to wait for another writer of the warehouse.")
    duckdb_memory_limit: str = Field("4GB", description="DuckDB memory_limit of the warehouse and simulations.")
    duckdb_threads: int = Field(2, ge=1, description="DuckDB threads.")
    embedding_model: Path | None = Field(None, description="Folder of the sentence model; unset: the installed package's; absent: lexical only.")
    labelled_sets: Path | None = Field(None, description="Folder of your own labelled sets; unset: inbox/ksb_labelled of the state folder (docs/ksb.md).")
    simulation_draws: int = Field(1000, ge=100, description="Monte-Carlo draws behind each gap interval.")
    simulation_seed: int = Field(20350101, description="Seed of the Monte-Carlo draws, recorded in each row's method.")
    keep_builds: int = Field(3, ge=1, description="Published builds kept beside the current one.")
    webhook: str | None = Field(None, repr=False, description="Address told of failures as JSON; unset means logs only.")
    adzuna_app_id: str | None = Field(None, repr=False, description="Adzuna application id; with the key, takes in counts of adverts. Read its terms first.")
    adzuna_app_key: str | None = Field(None, repr=False, description="Adzuna application key.")
    apprenticeship_units_url: str | None = Field(None, description="Address of Skills England's JSON list of apprenticeship units (AUnnnn).")
    approved_qualifications_url: str | None = Field(None, description="Address of the Department's CSV of qualifications approved for funding.")
    foundation_apprenticeships_url: str | None = Field(None, description="Address of Skills England's JSON list of foundation apprenticeships (FAnnnn).")
    occupational_maps_key: str | None = Field(None, repr=False, description="Key of Skills England's Occupational Maps API, free on request.")
    programme_export_url: str | None = Field(None, description="Address of Skills England's CSV export of all apprenticeship programmes.")

    @field_validator("home", "recordings", "embedding_model", "labelled_sets")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    # Zones of the state folder (architecture.md, "Where data lives").
    @cached_property
    def archive(self) -> Path:
        return self.home / "archive"

    @cached_property
    def lake(self) -> Path:
        return self.home / "lake"

    @cached_property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @cached_property
    def operations(self) -> Path:
        return self.home / "operations"

    @cached_property
    def serving(self) -> Path:
        return self.home / "serving"

    @cached_property
    def logs(self) -> Path:
        return self.home / "logs"

    @cached_property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @cached_property
    def labelled_folder(self) -> Path:
        return self.labelled_sets or self.inbox / "ksb_labelled"

    @cached_property
    def seeds(self) -> Path:
        return PROJECT_ROOT / "dbt_project" / "seeds"

    @property
    def is_sample(self) -> bool:
        """True when what is fetched is synthetic, so that every row says so."""
        return self.profile == "sample" or self.synthetic

    def option(self, name: str, host: str) -> str | None:
        """What the operator has set of what a dataset needs, by the setting's name; None where nothing is.

        In the sample profile what is not set is made up, so that the sample shows every dataset: ``sample`` for a key, an
        address at ``host`` for a name ending in ``_url``.
        """
        value = getattr(self, name)
        if not value and self.profile == "sample":
            return f"https://{host}/sample/{name}" if name.endswith("_url") else "sample"
        return value or None

    def address(self, url: str) -> str:
        """The address to ask in this profile for a publisher's own address.

        Args:
            url: absolute http(s) address as the publisher gives it.

        Returns:
            The same path and query under the configured base of its host, or unchanged.

        Raises:
            ObservatoryError: the profile needs a publisher's address and has none.
        """
        parts = urlsplit(url)
        base = self.base_addresses.get(parts.netloc)
        if base is None and self.profile != "live":
            if self.publisher_address is None:
                raise ObservatoryError(
                    f"the profile {self.profile} has no publisher to ask",
                    rule="publisher_address",
                    expected="the address of a loopback publisher",
                    found="none",
                    action="run `observatory refresh`, which starts the bundled publisher itself, or set OBSERVATORY_PUBLISHER_ADDRESS",
                )
            base = f"{self.publisher_address.rstrip('/')}/{parts.netloc}"
        if base is None:
            return url
        root = urlsplit(base)
        return urlunsplit((root.scheme, root.netloc, root.path.rstrip("/") + parts.path, parts.query, ""))
