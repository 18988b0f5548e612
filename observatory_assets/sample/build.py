"""The bundled sample: runs every generator once and keeps the recording until a generator changes.

Belongs here: which generators make the sample and when it is stale. Does not belong here: what they generate, or the folder format.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import tempfile
from pathlib import Path

from observatory_assets.sample.recording import write_recording
from observatory_assets.sample.world import PHASES
from resources.settings import PROJECT_ROOT

GENERATORS = ("skills_imperative", "soc2020", "aps_employment", "apprenticeships", "apprenticeship_standards")


def build_sample(folder: Path) -> Path:
    """The sample recording, generated if this version of the generators has not been yet.

    Each version has its own folder, named by its fingerprint and put there by one rename: two processes at once end with the same
    one, and a running publisher keeps the one it has. Older versions are removed, but for the last.

    Args:
        folder: holds the versions.

    Returns:
        The recording, a folder inside ``folder``.
    """
    folder = Path(folder)
    recording = folder / fingerprint()[:16]
    if (recording / "index.json").is_file():
        return recording
    older = sorted(folder.glob("*/index.json"), key=lambda index: index.stat().st_mtime)
    folder.mkdir(parents=True, exist_ok=True)
    modules = [importlib.import_module(f"observatory_assets.sample.{name}") for name in GENERATORS]
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=folder))
    try:
        write_recording(
            work / "recording",
            {phase: [entry for module in modules for entry in module.entries(phase)] for phase in PHASES},
            synthetic=True,
            description="Synthetic sample of five public datasets in three phases; every number and statement is invented.",
        )
        os.rename(work / "recording", recording)
    except OSError:
        if not (recording / "index.json").is_file():  # else another process was first, with the same bytes
            raise
    finally:
        shutil.rmtree(work)
    for index in older[:-1]:
        shutil.rmtree(index.parent, ignore_errors=True)
    return recording


def fingerprint() -> str:
    """SHA-256 of all that decides the sample's bytes: its sources, the queries the datasets ask, and the area seeds."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    sources = [path for folder in ("sample", "datasets", "publishers") for path in sorted((package / folder).glob("*.py"))]
    for path in (*sources, *sorted((PROJECT_ROOT / "dbt_project" / "seeds").glob("area*.csv"))):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
