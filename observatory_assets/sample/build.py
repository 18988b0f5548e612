"""The bundled sample: runs every generator once and keeps the recording until a generator changes.

Belongs here: which generators make the sample and when it is stale. Does not belong here: what they generate, or the folder format.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from observatory_assets.sample.recording import write_recording
from observatory_assets.sample.world import PHASES
from resources.files import write_bytes
from resources.settings import PROJECT_ROOT

MACHINERY = ("build", "publisher", "recording", "workbooks", "world")  # what generators use and what serves them
DROPPED = "dropped"  # folder of a recording: <phase>/<slug>/<file>, what a person would place in the drop folders


def generators() -> list[ModuleType]:
    """Modules of this package that give answers (``entries``) or files for a drop folder (``dropped``) of each phase."""
    package = "observatory_assets.sample"
    modules = [importlib.import_module(f"{package}.{one.name}") for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if one.name not in MACHINERY]
    return [module for module in modules if hasattr(module, "entries") or hasattr(module, "dropped")]


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
    modules = generators()
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=folder))
    try:
        write_recording(
            work / "recording",
            {phase: [entry for module in modules if hasattr(module, "entries") for entry in module.entries(phase)] for phase in PHASES},
            synthetic=True,
            description="Synthetic sample of the public datasets in three phases; every number and statement is invented.",
        )
        write_dropped(work / "recording", modules, PHASES)
        os.rename(work / "recording", recording)
    except OSError:
        if not (recording / "index.json").is_file():  # else another process was first, with the same bytes
            raise
    finally:
        shutil.rmtree(work)
    for index in older[:-1]:
        shutil.rmtree(index.parent, ignore_errors=True)
    return recording


def write_dropped(recording: Path, modules: Iterable[ModuleType], phases: Iterable[int]) -> None:
    """Add to a recording what its generators would place in the drop folders."""
    for module in modules:
        for phase in phases if hasattr(module, "dropped") else ():
            for name, body in module.dropped(phase):
                path = recording / DROPPED / str(phase) / module.__name__.rpartition(".")[2] / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)


def place_dropped(recording: Path, inbox: Path, phase: int) -> list[Path]:
    """Copy a recording's files for the drop folders, up to a phase, to where a person would have placed them.

    Args:
        recording: its folder; one without such files places none.
        inbox: the state folder's drop folders, one per dataset.
        phase: the phase reached; files of later phases are taken away again.

    Returns:
        The files written now.
    """
    wanted: dict[Path, Path] = {}
    later: set[Path] = set()
    for source in sorted((recording / DROPPED).glob("*/*/*"), key=lambda path: int(path.parts[-3])):
        target = inbox / source.parts[-2] / source.name
        if int(source.parts[-3]) <= phase:
            wanted[target] = source
        else:
            later.add(target)
    for target in later - set(wanted):
        target.unlink(missing_ok=True)
    written = []
    for target, source in wanted.items():
        if not target.exists() or target.read_bytes() != source.read_bytes():
            write_bytes(target, source.read_bytes())
            written.append(target)
    return written


def fingerprint() -> str:
    """SHA-256 of all that decides the sample's bytes: its sources, the queries the datasets ask, and the area seeds."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    sources = [path for folder in ("sample", "datasets", "publishers") for path in sorted((package / folder).glob("*.py"))]
    for path in (*sources, *sorted((PROJECT_ROOT / "dbt_project" / "seeds").glob("area*.csv"))):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
