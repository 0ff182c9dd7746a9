# Regenerates and judges every claim of Hayou, Doucet and Rousseau (2018): `snakemake --cores 2`.
import os
import shutil
import sys
from itertools import filterfalse
from pathlib import Path

from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod
from snakemake.utils import min_version

min_version("9.12")

# The folder of this file, wherever the run is, and whatever workflow has this one as a module: then
# the command line is about that one.
CHECKOUT = Path(workflow.snakefile).resolve().parent
WORKFLOW = CHECKOUT / "workflow"
MODULE = not workflow.modifier.is_main_snakefile()
# Whether a command line without targets means this workflow: no other's rule stands before it.
DEFAULT = workflow.default_target is None
# The library of this checkout, installed or not; nothing is written into one that is elsewhere.
sys.path.insert(0, str(CHECKOUT / "src"))
sys.dont_write_bytecode |= CHECKOUT != Path.cwd()

from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.support.config import ConfigError, check, check_own
from edgeofchaos.support.overlay import overlaid, typed
from edgeofchaos.support.place import Place, PlaceError
from edgeofchaos.support.start import (
    StartError,
    check_folders,
    check_slurm,
    only_target,
    start,
    stop,
    stop_without_digits,
    told_lacking,
)
from edgeofchaos.training.mnist import SUMS

try:
    PLACE = Place(CHECKOUT, Path(workflow.basedir))
    # Not by `configfile:`, or tests that Snakemake generates would give it out for the user's.
    files = [CHECKOUT / "config.yaml"]
    if MODULE:
        given = [typed(config, WORKFLOW)]
    else:
        asked = workflow.config_settings
        files += [file for file in [Path("config.yaml")] if PLACE.elsewhere and file.exists()]
        files = [] if asked.replace_workflow_config else files
        given = [*map(load_configfile, asked.configfiles), typed(asked.config, WORKFLOW)]
    config = overlaid(map(load_configfile, files), given, WORKFLOW)
    SPECS = check(config, WORKFLOW, digits=False, modules=PLACE.modules)
except (ConfigError, PlaceError, WorkflowError) as error:
    stop(error)

# Scripts run with the interpreter that runs Snakemake, whatever the shell's PATH says.
PYTHON = PLACE.python(DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method)


report: str(WORKFLOW / "report/workflow.rst")


# `snakemake figures` draws from the tables that are there: then no rule is known that makes one.
# A job that is submitted draws what it is told to.
REDRAW = not MODULE and workflow.is_main_process and only_target("figures", sys.argv)
DRAWN, LACKING = list(FIGURES), []


include: WORKFLOW / "rules/common.smk"
include: WORKFLOW / "rules/step.smk"


if REDRAW:
    lacked = {n: [*filterfalse(os.path.isfile, map(file_of, FIGURES[n].tables))] for n in FIGURES}
    DRAWN = [name for name, files in lacked.items() if not files]
    LACKING = sorted({file for files in lacked.values() for file in files})
else:

    include: WORKFLOW / "rules/theory.smk"
    include: WORKFLOW / "rules/simulation.smk"
    include: WORKFLOW / "rules/training.smk"
    include: WORKFLOW / "rules/claims.smk"
    include: WORKFLOW / "rules/stability.smk"


include: WORKFLOW / "rules/figures.smk"


if not REDRAW:

    include: WORKFLOW / "rules/report.smk"


# Before the first job, and only where there is one.
onstart:
    try:
        check_own(config, SPECS, PLACE.environment())
    except ConfigError as error:
        sys.exit(f"error: {error}")


onerror:
    # On a full disk the logs may be empty, so say it here.
    if RESULTS.is_dir() and shutil.disk_usage(RESULTS).free < 2**20:
        print("error: the disk of results/ is full: no space left", file=sys.stderr)
    print(
        "To run a failed step alone: its log, shown above, begins with the command.",
        file=sys.stderr,
    )


if not REDRAW:

    rule all:
        default_target: DEFAULT
        input:
            # All of them, so that one that was deleted is made again.
            ARTIFACTS,
            rules.manifest.output,
        message:
            f"{{rule}}: the verdicts are in {RESULTS}/report/index.html"


# Only what is going to run needs it: neither --lint, say, nor a job that is submitted, which
# parses this file too and checks what it reads. The targets are not known yet, but verify changes
# nothing.
asked = workflow.resource_settings
dry = workflow.output_settings.dryrun or workflow.modifier.modify_rulename("verify") in sys.argv
if workflow.is_main_process:
    made = rules.figures.input if REDRAW else [*ARTIFACTS, *rules.manifest.output]
    try:
        check_folders(
            [".snakemake", CHECKPOINTS, RESEEDINGS, *{os.path.dirname(name) for name in made}]
        )
        if dry or asked.cores or asked.nodes:
            if asked.nodes and not dry:
                check_slurm()
            for line in start(RESULTS, made, dry):
                print(line, file=sys.stderr)
            if LACKING:
                print(told_lacking(LACKING, len(DRAWN), len(FIGURES)), file=sys.stderr)
            # Snakemake has the start of a run told to the other workflow alone.
            if MODULE and not dry:
                check_own(config, SPECS, PLACE.environment())
    except (ConfigError, StartError) as error:
        stop(error)
