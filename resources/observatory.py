"""One observatory: its settings and the zones of its state folder, handed to assets, sensors and the command line.

Belongs here: putting resources together. Does not belong here: behaviour of any of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resources.archive import Archive
from resources.errors import ObservatoryError
from resources.files import read_json, write_json
from resources.http import HttpClient
from resources.lake import Lake
from resources.settings import Settings
from resources.warehouse import Warehouse, exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator


class Observatory:
    """Settings, archive, lake and warehouse of one state folder."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.archive = Archive(self.settings.archive)
        self.lake = Lake(self.settings.lake)
        self.warehouse = Warehouse(self.settings, self.lake)

    def http(
        self,
        hosts: Collection[str],
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        pause: float = 0.0,
        brief: bool = False,
    ) -> HttpClient:
        """A client that may ask these hosts only; close it after use.

        Args:
            hosts: whom it may ask.
            headers, parameters: credentials sent with each request.
            pause: seconds between two requests to one host, where the setting's are fewer.
            brief: for release markers: one attempt within ``marker_timeout_seconds``, since sensors ask again by themselves.
        """
        settings = self.settings.model_copy(update={"seconds_between_requests": max(self.settings.seconds_between_requests, pause)})
        if brief:
            short = settings.marker_timeout_seconds
            limits = {"connect_timeout_seconds": short, "read_timeout_seconds": short, "body_deadline_seconds": short, "fetch_attempts": 1}
            settings = settings.model_copy(update=limits)
        return HttpClient(settings, hosts, headers=headers, parameters=parameters)

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """Hold the state folder for a refresh, and keep synthetic and real data in separate folders."""
        self.refuse_mixed_profiles()
        with exclusive(self.settings.home / "refresh.lock", timeout_seconds=self.settings.warehouse_lock_timeout_seconds, purpose="refresh"):
            yield

    def refuse_mixed_profiles(self) -> None:
        """Raise if this state folder already holds data of the other kind (synthetic or real)."""
        path = self.settings.home / "profile.json"
        kind = "synthetic" if self.settings.is_sample else "real"
        held = read_json(path)
        if held is None:
            write_json(path, {"kind": kind})
        elif held["kind"] != kind:
            raise ObservatoryError(
                f"{self.settings.home} holds {held['kind']} data and the profile {self.settings.profile} brings {kind} data",
                rule="profiles_apart",
                expected=f"{held['kind']} data",
                found=f"profile {self.settings.profile}",
                action="set OBSERVATORY_HOME to another folder for this profile",
            )
