# Regenerates and judges every claim of Hayou, Doucet and Rousseau (2018): `snakemake --cores 2`.
import os
import shlex
import shutil
import sys
from itertools import filterfalse
from pathlib import Path

from snakemake.utils import min_version, update_config

min_version("9.12")

from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.support.config import ConfigError, check, check_own, scale
from edgeofchaos.support.start import StartError, only_target, start, told_lacking
from edgeofchaos.training.mnist import SUMS


configfile: "config.yaml"


WORKFLOW = Path(workflow.basedir, "workflow")

try:
    # A scale overlays config.yaml; what the command line says comes last.
    update_config(config, scale(config, WORKFLOW))
    update_config(config, workflow.config_settings.overwrite_config)
    SPECS = check(config, WORKFLOW)
except ConfigError as error:
    print(f"error: {error}", file=sys.stderr)
    # Not WorkflowError: Snakemake would add this file's name and lines around the one that matters.
    sys.exit(2)

# Scripts run with the interpreter that runs Snakemake, whatever the shell's PATH says.
shell.executable("bash")
shell.prefix(
    f'set -euo pipefail; export PATH={shlex.quote(os.path.dirname(sys.executable))}:"$PATH"; '
)


report: "workflow/report/workflow.rst"


# `snakemake figures` draws from the tables that are there: then no rule is known that makes one.
# A job that is submitted draws what it is told to.
REDRAW = workflow.is_main_process and only_target("figures", sys.argv)
DRAWN, LACKING = list(FIGURES), []


include: "workflow/rules/common.smk"
include: "workflow/rules/step.smk"


if REDRAW:
    lacked = {n: [*filterfalse(os.path.isfile, map(file_of, FIGURES[n].tables))] for n in FIGURES}
    DRAWN = [name for name, files in lacked.items() if not files]
    LACKING = sorted({file for files in lacked.values() for file in files})
else:

    include: "workflow/rules/theory.smk"
    include: "workflow/rules/simulation.smk"
    include: "workflow/rules/training.smk"
    include: "workflow/rules/claims.smk"
    include: "workflow/rules/stability.smk"


include: "workflow/rules/figures.smk"


if not REDRAW:

    include: "workflow/rules/report.smk"


# Before the first job, and only where there is one.
onstart:
    try:
        check_own(config, SPECS)
    except ConfigError as error:
        sys.exit(f"error: {error}")


onerror:
    # On a full disk the logs may be empty, so say it here.
    if shutil.disk_usage("results").free < 2**20:
        print("error: the disk of results/ is full: no space left", file=sys.stderr)
    print(
        "To run a failed step alone: its log, shown above, begins with the command.",
        file=sys.stderr,
    )


localrules:
    all,
    theory,
    simulation,
    training,
    figures,
    verify,


if not REDRAW:

    rule all:
        default_target: True
        input:
            # All of them, so that one that was deleted is made again.
            ARTIFACTS,
            rules.manifest.output,
        message:
            "{rule}: the verdicts are in results/report/index.html"


# Only what is going to run needs it: neither --lint, say, nor a job that is submitted, which
# parses this file too and checks what it reads. The targets are not known yet, but verify changes
# nothing.
asked = workflow.resource_settings
dry = workflow.output_settings.dryrun or "verify" in sys.argv
if workflow.is_main_process and (dry or asked.cores or asked.nodes):
    made = rules.figures.input if REDRAW else [*ARTIFACTS, *rules.manifest.output]
    try:
        for line in start(Path("results"), made, dry):
            print(line, file=sys.stderr)
        if LACKING:
            print(told_lacking(LACKING, len(DRAWN), len(FIGURES)), file=sys.stderr)
    except StartError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
