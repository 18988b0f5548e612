"""`observatory`: refresh, status, accept-release, explain, sql, annex, match, link, review, sample, ui.

Belongs here: arguments, printing, exit codes (0 done, 1 something failed and the last good is kept, 2 wrong use).
Does not belong here: what a command does; each calls one function elsewhere. Heavy imports wait for their command.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from resources.errors import ObservatoryError
from resources.observatory import Observatory
from resources.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from observatory_assets.refresh import Refresh
    from observatory_assets.status import Status


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings(**({"profile": arguments.profile} if getattr(arguments, "profile", None) else {}))
        return arguments.run(Observatory(settings), arguments)
    except ObservatoryError as error:
        print(f"observatory: {error}", file=sys.stderr)
        return 1
    except (KeyError, ValueError) as error:
        print(f"observatory: {error.args[0] if error.args else error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="observatory", description="The Skills Observatory. Settings are OBSERVATORY_* environment variables.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, description: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=description, description=description)
        one.set_defaults(run=run)
        return one

    one = command("refresh", _refresh, "Fetch what is new, rebuild what depends on it, publish.")
    one.add_argument("--dataset", action="append", metavar="SLUG", help="look at this dataset only (may be repeated)")
    one.add_argument("--force", action="store_true", help="fetch and audit again even if the publisher shows nothing new")
    one.add_argument("--profile", choices=["sample", "replay", "live"])
    one = command("status", _status, "What is held, how old it is, when the publishers were last asked, what is stale or quarantined.")
    one = command("accept-release", _accept, "Take a quarantined release in spite of a tolerance it breaks; recorded for ever.")
    one.add_argument("dataset")
    one.add_argument("release")
    one.add_argument("--reason", required=True)
    one.add_argument("--by", default=getpass.getuser(), help="who decides (default: the user of this machine)")
    one = command("explain", _explain, "Where a mart's number comes from, down to the archived bytes.")
    one.add_argument("mart")
    one.add_argument("key", help="the row's row_key")
    one = command("sql", _sql, "Run one query on the published database, read-only.")
    one.add_argument("query")
    one.add_argument("--as-known-on", metavar="DATE", help="answer from what was known on that day (or at that time, ISO 8601, UTC)")
    one = command("annex", _annex, "Data recommendations: what each source's publisher is asked to change, as Markdown.")
    one.add_argument("--out", type=Path, metavar="FILE", help="where to write it (default: standard output)")
    one = command("match", _match, "Match statements, one a line on standard input, to KSB areas; prints one JSON object a line.")
    one.add_argument("--kind", choices=["knowledge", "skill", "behaviour"], help="what every line is (default: predicted line by line)")
    one.add_argument("--taxonomy", type=Path, metavar="FOLDER", help="folder with UK-SSC's official files, read instead of what is held")
    one = command("link", _link, "Link each line of standard input to skills of a taxonomy: one JSON line per line, in order.")
    target = one.add_mutually_exclusive_group(required=True)
    target.add_argument("--scheme", choices=["esco", "uk_ssc"], help="a taxonomy held (or in --taxonomy)")
    target.add_argument("--labels", type=Path, metavar="FILE", help="any list of labels, one a line")
    one.add_argument("--taxonomy", type=Path, metavar="FOLDER", help="folder with a taxonomy's official files, read instead of what is held")
    one.add_argument("--top", type=int, default=10, help="candidates per line (default: 10)")
    one.add_argument("--threads", type=int, default=1, help="threads of the linear algebra (default: 1); results do not depend on it")
    one = command("review", _review, "Uncertain matches out to reviewers as CSV, and their decisions back.")
    actions = one.add_subparsers(required=True, dest="action", metavar="ACTION")
    export = actions.add_parser("export", help="write the uncertain matches as CSV, those first on which most of the gap rests")
    export.add_argument("--top", type=int, metavar="N", help="the N most influential (default: all)")
    export.add_argument("--out", type=Path, metavar="FILE", help="a new file (default: standard output)")
    read = actions.add_parser("import", help="append the decisions of a filled-in CSV; every row is checked first, and the next refresh uses them")
    read.add_argument("file", type=Path)
    one = command("sample", _sample, "The bundled publisher of the sample profile.")
    one.add_argument("action", choices=["advance", "phase", "reset"], help="advance: publish the next phase; phase: show it; reset: back to phase 1")
    one = command("ui", _ui, "Dagster's web interface on loopback, with the sensors running.")
    one.add_argument("--port", type=int, default=3000)
    one.add_argument("--profile", choices=["sample", "replay", "live"])
    return parser


# Publishers on loopback


def _phase_file(settings: Settings) -> Path:
    return settings.home / "sample" / "phase"


@contextmanager
def _publisher(settings: Settings) -> Iterator[None]:
    """Start the loopback publisher that this profile needs, unless one is configured."""
    if settings.profile == "live" or settings.publisher_address:
        yield
        return
    from observatory_assets.sample.build import build_sample, place_dropped
    from observatory_assets.sample.publisher import Publisher

    if settings.profile == "sample":
        recording, state = build_sample(settings.home / "sample" / "recording"), _phase_file(settings)
        state.parent.mkdir(parents=True, exist_ok=True)
    elif settings.recordings is None:
        raise ValueError("the replay profile needs a folder of recordings: set OBSERVATORY_RECORDINGS (make run PROFILE=replay RECORDINGS=<folder>)")
    else:
        recording, state = settings.recordings, _phase_file(settings) if _phase_file(settings).exists() else None
    with Publisher(recording, state_file=state) as publisher:
        settings.publisher_address, settings.synthetic = publisher.address, publisher.synthetic
        place_dropped(recording, settings.inbox, publisher.phase)
        try:
            yield
        finally:
            settings.publisher_address = None


# Commands


def _refresh(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.datasets import dataset_named
    from observatory_assets.refresh import refresh

    warnings.filterwarnings("ignore")  # Dagster's preview notices are for developers; `make ui` shows them
    for slug in arguments.dataset or ():
        dataset_named(slug)
    settings = observatory.settings
    kind = {"sample": "SAMPLE data, synthetic", "replay": "recorded payloads", "live": "the live publishers (never claimed tested)"}[settings.profile]
    print(f"Skills Observatory: refresh from {kind}, state in {settings.home}")
    with _publisher(settings):
        outcome = refresh(observatory, arguments.dataset, force=arguments.force)
    _summary(observatory, outcome)
    return 0 if outcome.ok else 1


def _summary(observatory: Observatory, outcome: Refresh) -> None:
    from observatory_assets.status import statuses

    settings = observatory.settings
    console = _table(
        statuses(observatory),
        {"dataset": "dataset", "releases": "releases held", "release": "current release", "rows": "rows", "state": "state"},
        title="SAMPLE – synthetic values" if settings.is_sample else None,
    )
    if not (outcome.new or outcome.rebuilt or outcome.problems):
        console.print("Nothing new: no payload downloaded, no Parquet written, no model rebuilt.")
    marts = sum(key.startswith("marts/") for key in outcome.rebuilt)
    console.print(
        f"{len(outcome.new)} new releases · {outcome.checks_passed} checks passed, {outcome.checks_failed} failed · "
        f"{marts} marts built of {len(outcome.rebuilt)} assets · {'published' if outcome.published else 'the published build stays'}"
    )
    for problem in outcome.problems:
        console.print("problem " + problem, markup=False, style="red", soft_wrap=True)
    if not (settings.serving / "observatory.duckdb").exists():
        return
    for name, path in (("DuckDB", settings.serving / "observatory.duckdb"), ("Parquet", settings.serving / "parquet"), ("Logs", settings.logs)):
        console.print(f"{name:<8} {path}", markup=False, soft_wrap=True)
    elsewhere = "" if settings.home == PROJECT_ROOT / "state" else f"OBSERVATORY_HOME={settings.home} "
    console.print("\nTry:")
    for query in EXAMPLES:
        console.print(f'  {elsewhere}.venv/bin/observatory sql "{query}"', markup=False, soft_wrap=True)


EXAMPLES = (
    "select kind, label, round(gap_pp, 2) as gap_pp, round(lower, 2) as lower, round(upper, 2) as upper, round(coverage, 2) as coverage, status"
    " from marts.ksb_gap join marts.dim_ksb using (ksb_id, kind, level)"
    " where area_code = 'E69000020' and demand_basis = 'stock' and supply_basis = 'attained' and level = 'area' order by gap_pp desc limit 10",
    "select subgroup_label, period_label, value, lower, upper, status from marts.fct_indicator where metric = 'employment'"
    " and area_code = 'E69000020' and known_to is null order by period_start desc, value desc limit 10",
    "select dataset, release_id, known_from, rows, previous_release_id from marts.dim_release order by known_from",
)


def _table(rows: Sequence[Status], headings: Mapping[str, str], title: str | None = None) -> Console:
    """Print the status of every dataset; returns the console for what follows."""
    from rich.console import Console
    from rich.table import Table

    # Ids and times are not cut where a log has no width; a terminal wraps what it must.
    console = Console(highlight=False, width=max(170, Console().width))
    table = Table(*headings.values(), title=title, title_justify="left")
    for one in rows:
        shown = {
            **vars(one),
            "release": one.release or "–",
            "rows": f"{one.rows:,}",
            "age": f"{one.age.days} days" if one.age else "–",
            "next_expected": one.next_expected or "–",
            "looked_at": f"{one.looked_at:%Y-%m-%d %H:%M}" if one.looked_at else "never",
            "found_at": f"{one.found_at:%Y-%m-%d %H:%M}" if one.found_at else "–",
        }
        table.add_row(*(str(shown[name]) for name in headings))
    console.print(table)
    return console


LONGEST_CAUSE = 600  # characters of what was expected or found; the whole is in marts.incident


def _status(observatory: Observatory, _: argparse.Namespace) -> int:
    from observatory_assets.manifest import MANIFEST, mart_inputs
    from observatory_assets.operations import open_incidents
    from observatory_assets.status import statuses

    headings = {"dataset": "dataset", "releases": "held", "release": "current release", "rows": "rows", "age": "age"}
    rows = statuses(observatory)
    console = _table(rows, {**headings, "next_expected": "next expected", "looked_at": "last look (UTC)", "found_at": "last found (UTC)", "state": "state"})
    stale = []
    for one in rows:
        if one.problem:
            console.print(f"{one.dataset}: {one.problem}", markup=False, soft_wrap=True)
        if one.is_stale and one.release:
            stale.append(one)
    if stale and MANIFEST.exists():
        inputs = mart_inputs(json.loads(MANIFEST.read_bytes()))
        for one in stale:
            marts = [mart for mart, dataset in inputs if dataset == one.dataset]
            console.print(f"{one.dataset} is stale ({one.state}); on it stand {', '.join(marts) or 'no marts'}", markup=False, soft_wrap=True)
    for one in open_incidents(observatory):
        where = " ".join(filter(None, (one["dataset"], one["release_id"]))) or one["mart"] or "the build"
        console.print(f"open incident of {one['occurred_at']:%Y-%m-%d %H:%M} UTC: {one['kind']} of {where}", markup=False, soft_wrap=True, style="red")
        for name, key in (("rule", "rule"), ("expected", "expected"), ("found", "found"), ("do", "action")):
            if one[key]:
                console.print(f"  {name + ':':<9} {one[key][:LONGEST_CAUSE]}", markup=False, soft_wrap=True)
    unfinished = observatory.warehouse.unfinished()
    if unfinished:
        console.print(f"half built since a killed or failed build: {', '.join(unfinished)}; `observatory refresh` completes it", soft_wrap=True)
    return 0


def _published(observatory: Observatory) -> Path:
    path = observatory.settings.serving / "observatory.duckdb"
    if not path.exists():
        raise ObservatoryError("nothing is published yet", rule="published", expected=str(path), found="no such file", action="run `observatory refresh` first")
    return path


def _sql(observatory: Observatory, arguments: argparse.Namespace) -> int:
    import duckdb

    from observatory_assets.as_known import as_known_on, instant_of

    path = _published(observatory)
    then = instant_of(arguments.as_known_on) if arguments.as_known_on else None
    with as_known_on(path, then) if then else observatory.warehouse.connect(path, read_only=True) as connection:
        try:
            result = connection.sql(arguments.query)
        except duckdb.Error as error:
            print(f"observatory: {error}", file=sys.stderr)
            return 2
        if result is not None:
            result.show(max_width=200, max_rows=200)
    return 0


def _link(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.linking import lines_of, link_lines

    lines = lines_of(sys.stdin.buffer)
    results = link_lines(
        observatory, lines, scheme=arguments.scheme, labels=arguments.labels, folder=arguments.taxonomy, top=arguments.top, threads=arguments.threads
    )
    for row in results:
        print(row, flush=True)
    return 0


def _explain(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.explain import explain

    with observatory.warehouse.connect(_published(observatory), read_only=True) as connection:
        print(explain(connection, observatory.archive, arguments.mart, arguments.key))
    return 0


def _annex(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.annex import annex
    from resources.files import write_bytes

    with observatory.warehouse.connect(_published(observatory), read_only=True) as connection:
        text = annex(connection)
    if arguments.out is None:
        print(text, end="")
        return 0
    try:
        write_bytes(arguments.out, text.encode())
    except OSError as error:
        raise ValueError(f"--out {arguments.out} cannot be written: {error.strerror}") from error
    print(f"Data recommendations written to {arguments.out}")
    return 0


LINES_AT_ONCE = 20_000  # about 200 MB of similarities; a line's answer does not depend on the others


def _match(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.ksb.describe import describe
    from observatory_assets.ksb.model import load_embedder, remembering
    from observatory_assets.ksb.taxonomy import load_overrides, load_taxonomy
    from observatory_assets.linking import lines_of, link_cache, uk_ssc

    settings = observatory.settings
    taxonomy = load_taxonomy(settings.seeds)
    overrides, embedder = load_overrides(settings.seeds, taxonomy), load_embedder(settings.embedding_model)
    if embedder is not None:
        embedder = remembering(embedder, [sentence for _, sentence in taxonomy.prototypes], link_cache(observatory))
    target = uk_ssc(observatory, embedder, arguments.taxonomy)
    if target is None:
        where = settings.inbox / "uk_ssc"
        print(
            "observatory: group and skill stay null: UK-SSC is not held (the sample's does not count). Name a folder with its skills file with --taxonomy, "
            f"or place the file in {where} and run `observatory refresh --dataset uk_ssc`.",
            file=sys.stderr,
        )
    rest = lines_of(sys.stdin.buffer)
    while lines := list(islice(rest, LINES_AT_ONCE)):
        for record in describe(lines, taxonomy=taxonomy, embedder=embedder, kind=arguments.kind, overrides=overrides, uk_ssc=target):
            print(json.dumps(record))
    return 0


def _review(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.review import export_review, import_review

    if arguments.action == "export":
        text, count = export_review(observatory, _published(observatory), top=arguments.top, out=arguments.out)
        if arguments.out is None:
            print(text, end="")
        else:
            print(f"{count} uncertain matches in {arguments.out}")
        return 0
    new, known = import_review(observatory, arguments.file)
    print(f"{new} decisions taken over, {known} were there already; the next `observatory refresh` uses them.")
    return 0


def _accept(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.datasets import dataset_named
    from observatory_assets.ingest import accept
    from observatory_assets.operations import write

    record = accept(observatory, dataset_named(arguments.dataset), arguments.release, reason=arguments.reason, by=arguments.by)
    write(observatory)
    print(f"Accepted for {', '.join(record['overruled'])}. `observatory refresh --dataset {arguments.dataset}` ingests it.")
    return 0


def _sample(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.sample.build import build_sample, place_dropped
    from observatory_assets.sample.publisher import read_phase, write_phase
    from observatory_assets.sample.world import PHASES

    path = _phase_file(observatory.settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    phase = read_phase(path) if path.exists() else PHASES[0]
    if arguments.action == "reset":
        phase = PHASES[0]
        write_phase(path, phase)
    elif arguments.action == "advance":
        if phase >= PHASES[-1]:
            print(f"the sample has {len(PHASES)} phases and is at the last; `observatory sample reset` goes back to the first")
            return 1
        phase += 1
        write_phase(path, phase)
    if arguments.action != "phase":
        place_dropped(build_sample(observatory.settings.home / "sample" / "recording"), observatory.settings.inbox, phase)
    meaning = {1: "today", 2: "a new release of some datasets", 3: "a correction that rewrites history"}
    print(f"sample phase {phase} of {len(PHASES)}: {meaning[phase]}")
    return 0


def _ui(observatory: Observatory, arguments: argparse.Namespace) -> int:
    from observatory_assets.refresh import dagster_home
    from observatory_assets.warehouse import prepare_manifest

    observatory.refuse_mixed_profiles()
    home = dagster_home(observatory)
    prepare_manifest()
    settings = observatory.settings
    with _publisher(settings):
        environment = {
            **os.environ,
            "OBSERVATORY_HOME": str(settings.home),
            "OBSERVATORY_PROFILE": settings.profile,
            "OBSERVATORY_SENSORS_RUNNING": "true",
            "OBSERVATORY_SYNTHETIC": str(settings.synthetic).lower(),
            # The bundled publisher costs nothing to ask; real ones are asked at the configured pace.
            **({"OBSERVATORY_SENSOR_INTERVAL_SECONDS": "30"} if settings.profile != "live" else {}),
            **({"OBSERVATORY_PUBLISHER_ADDRESS": settings.publisher_address} if settings.publisher_address else {}),
        }
        print(f"Dagster: http://127.0.0.1:{arguments.port} (first page in about 15-30 s; stop with Ctrl-C)")
        command = [sys.executable, "-m", "dagster", "dev", "-w", str(PROJECT_ROOT / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(arguments.port)]
        # `dagster dev` ends its children on SIGINT only, and a shell's background jobs start with SIGINT ignored: so it gets
        # a session of its own, SIGINT as usual, and one SIGINT whichever way we are told to stop.
        process = subprocess.Popen(  # noqa: S603 - fixed arguments, no shell
            command, cwd=home, env=environment, start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            return 0


if __name__ == "__main__":
    sys.exit(main())
