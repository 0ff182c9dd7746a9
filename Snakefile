# Regenerates and judges every claim of Hayou, Doucet and Rousseau (2018): `snakemake --cores 2`.
import os
import shlex
import shutil
import sys
from pathlib import Path

from snakemake.utils import min_version, update_config

min_version("9.0")

from edgeofchaos.figures.catalogue import FIGURES
from edgeofchaos.support.config import ConfigError, check, check_own, scale
from edgeofchaos.support.start import StartError, start
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


include: "workflow/rules/common.smk"
include: "workflow/rules/edge.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/simulation.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"


# Before the first job, and only where there is one.
onstart:
    try:
        check_own(SPECS)
    except ConfigError as error:
        sys.exit(f"error: {error}")


onerror:
    # Then the logs may be empty.
    if shutil.disk_usage("results").free < 2**20:
        print("error: the disk of results/ is full: no space left", file=sys.stderr)
    print(
        "To run a failed step alone: its log, shown above, begins with the command.",
        file=sys.stderr,
    )


localrules:
    all,
    verify,


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
    try:
        for line in start(Path("results"), [*ARTIFACTS, *rules.manifest.output], dry):
            print(line, file=sys.stderr)
    except StartError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
