"""Settings from the environment, addresses by profile, and state folders that never mix synthetic and real data."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from resources.errors import ObservatoryError
from resources.observatory import Observatory
from resources.settings import Settings

URL = "https://www.nomisweb.co.uk/api/v01/dataset/NM_17_1.data.csv?geography=MAKE|D2N2|E1;E2&date=latest%20"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """`make test` exports settings of its own."""
    for name in [name for name in os.environ if name.upper().startswith("OBSERVATORY_")]:
        monkeypatch.delenv(name)


def test_every_setting_comes_from_its_environment_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    monkeypatch.setenv("OBSERVATORY_PROFILE", "live")
    monkeypatch.setenv("OBSERVATORY_FETCH_ATTEMPTS", "7")
    monkeypatch.setenv("OBSERVATORY_SENSORS_RUNNING", "true")
    monkeypatch.setenv("OBSERVATORY_BASE_ADDRESSES", '{"www.nomisweb.co.uk": "https://mirror.example/nomis"}')
    settings = Settings()
    assert (settings.home, settings.profile, settings.fetch_attempts, settings.sensors_running) == (tmp_path, "live", 7, True)
    assert settings.base_addresses == {"www.nomisweb.co.uk": "https://mirror.example/nomis"}


@pytest.mark.parametrize(
    ("name", "value"), [("PROFILE", "test"), ("FETCH_ATTEMPTS", "0"), ("MAX_BODY_BYTES", "-1"), ("BACKOFF_SECONDS", "soon"), ("BASE_ADDRESSES", '["a"]')]
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(name, value, monkeypatch):
    monkeypatch.setenv(f"OBSERVATORY_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_every_setting_says_what_it_is():
    assert {name for name, field in Settings.model_fields.items() if not field.description} == set()


def test_paths_are_absolute_and_every_zone_lies_in_the_state_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = Settings(home="here", recordings="~/recordings")
    assert settings.home == tmp_path / "here"
    assert settings.recordings.is_absolute() and "~" not in str(settings.recordings)
    assert {zone.parent for zone in (settings.archive, settings.lake, settings.warehouse, settings.serving, settings.logs)} == {settings.home}
    assert (settings.seeds / "area.csv").is_file()


def test_the_live_profile_asks_the_publisher_itself_and_leaves_its_address_as_it_is():
    assert Settings(profile="live").address(URL) == URL


@pytest.mark.parametrize("profile", ["sample", "replay"])
def test_the_other_profiles_ask_the_loopback_publisher_under_the_hosts_name(profile):
    settings = Settings(profile=profile, publisher_address="http://127.0.0.1:8801/")
    assert settings.address(URL) == "http://127.0.0.1:8801/" + URL.removeprefix("https://")


@pytest.mark.parametrize("profile", ["sample", "live"])
def test_a_base_address_of_a_host_wins_in_every_profile_and_touches_no_other_host(profile):
    settings = Settings(profile=profile, publisher_address="http://127.0.0.1:8801", base_addresses={"www.nomisweb.co.uk": "https://mirror.example/nomis/"})
    assert settings.address(URL) == "https://mirror.example/nomis/api/v01/dataset/" + URL.rpartition("/")[2]
    assert "mirror" not in settings.address("https://www.gov.uk/api/content/x")


@pytest.mark.parametrize("profile", ["sample", "replay"])
def test_a_profile_without_its_publisher_explains_itself(profile):
    with pytest.raises(ObservatoryError, match="OBSERVATORY_PUBLISHER_ADDRESS") as caught:
        Settings(profile=profile).address(URL)
    assert profile in str(caught.value) and caught.value.rule and caught.value.action


@pytest.mark.parametrize(("first", "second"), [("sample", "live"), ("live", "sample"), ("sample", "replay"), ("replay", "sample")])
def test_synthetic_and_real_data_never_share_a_state_folder(first, second, tmp_path):
    Observatory(Settings(home=tmp_path, profile=first)).refuse_mixed_profiles()
    with pytest.raises(ObservatoryError, match="OBSERVATORY_HOME") as caught, Observatory(Settings(home=tmp_path, profile=second)).refreshing():
        pytest.fail("the refresh started")
    assert caught.value.rule == "profiles_apart" and str(tmp_path) in str(caught.value)


def test_replayed_and_live_data_are_both_real(tmp_path):
    for profile in ("replay", "live", "replay"):
        with Observatory(Settings(home=tmp_path, profile=profile)).refreshing():
            pass


def test_a_client_for_markers_is_brief_and_one_for_payloads_is_not():
    observatory = Observatory(Settings(marker_timeout_seconds=3, read_timeout_seconds=60, fetch_attempts=4))
    brief, patient = observatory.http(("a",), brief=True).settings, observatory.http(("a",)).settings
    assert (brief.read_timeout_seconds, brief.body_deadline_seconds, brief.fetch_attempts) == (3, 3, 1)
    assert (patient.read_timeout_seconds, patient.fetch_attempts) == (60, 4)


def test_no_key_shows_when_settings_are_printed() -> None:
    keys = {name: "s3cret" for name in ("adzuna_app_id", "adzuna_app_key", "occupational_maps_key", "webhook")}
    assert "s3cret" not in repr(Settings(**keys))
