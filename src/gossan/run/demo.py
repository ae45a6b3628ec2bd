"""A case and its dossier from the real images that ship with gossan."""

from __future__ import annotations

from pathlib import Path

from gossan.case.sites import find_case_sites
from gossan.core.progress import Progress
from gossan.core.words import tr, tr_later, tr_now
from gossan.data import SAMPLE
from gossan.io.case_file import AREA_FILE, read_case
from gossan.io.outputs import CASE_FILE, is_system_file, refused
from gossan.observables.limits.run import Asked, measure_limits
from gossan.run.dossier import write_dossier
from gossan.run.init import AreaChoice, create_case
from gossan.run.update import update

NAME = "Logging in the Southern Carpathians, Romania"
PERIOD = ("2015-08-01", "2021-01-31")
IMPLANTS = 1920
"""Half of what `gossan limits` tries by default: enough to show, in a few seconds."""

_WAY_OUT = tr_later("Give a folder that is absent or empty.")


def make_demo_case(folder: Path) -> None:
    """Make the case of the shipped images. Raises GossanError where `folder` holds one."""
    create_case(
        folder,
        name=NAME,
        area=AreaChoice(file=SAMPLE / "area.geojson"),
        start=PERIOD[0],
        end=PERIOD[1],
        source=f"local:{SAMPLE}",
    )


def demo(folder: Path, progress: Progress) -> Path:
    """Make the case in `folder` unless it is there, update it, find its limits, write and return
    its dossier. Raises GossanError (OUTPUT) where `folder` is anybody else's."""
    if (folder / CASE_FILE).exists():
        if read_case(folder).name != NAME:
            raise refused(
                tr("{folder} is another case than the demo", folder=folder), tr_now(_WAY_OUT)
            )
    else:
        held = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        others = [n for n in held if n != AREA_FILE and not is_system_file(n)]
        if others:
            raise refused(
                tr(
                    "{folder} holds {other}, which is not of the demo",
                    folder=folder,
                    other=others[0],
                ),
                tr_now(_WAY_OUT),
            )
        make_demo_case(folder)
        progress.say(tr("Made the case {folder}.", folder=folder))
    progress.say(update(folder, progress).sentence)
    measure_limits(folder, Asked(implants=IMPLANTS), progress)
    found = find_case_sites(folder, progress)
    progress.say(tr("{n} sites.", n=len(found.rows)))
    return write_dossier(folder, None, progress)
