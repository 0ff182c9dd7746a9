# Regenerates and judges every claim of Hayou, Doucet and Rousseau (2018): `snakemake --cores 2`.
import os
import shlex
import shutil
import sys

from snakemake.utils import min_version, update_config

min_version("9.0")

for folder in ("scripts", "workflow"):
    sys.path.insert(0, os.path.join(workflow.basedir, folder))
from artifacts import DAMAGED, damaged, leftovers  # noqa: E402
from validate import ConfigError, check, scale  # noqa: E402

from edgeofchaos.data import SUMS  # noqa: E402
from edgeofchaos.figures.catalogue import FIGURES  # noqa: E402


configfile: "config.yaml"


try:
    # A scale overlays config.yaml; what the command line says comes last.
    update_config(config, scale(config))
    update_config(config, workflow.config_settings.overwrite_config)
    SPECS = check(config)
except ConfigError as error:
    print(f"error: {error}", file=sys.stderr)
    # Not WorkflowError: Snakemake would add this file's name and lines around the one that matters.
    sys.exit(2)

if workflow.is_main_process:
    # Modification times say nothing of content: a damaged table would look newer than its figures.
    if bad := damaged():
        print(f"error: {', '.join(map(str, bad))}: {DAMAGED}", file=sys.stderr)
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


# After the lock is taken: no other run writes here.
onstart:
    if os.path.isdir("results") and not os.access("results", os.W_OK):
        sys.exit("error: results/ cannot be written; allowed is a folder on a writable disk")
    for path in leftovers():
        path.unlink(missing_ok=True)


onerror:
    # Then the logs may be empty.
    if shutil.disk_usage("results").free < 2**20:
        print("error: the disk of results/ is full: no space left", file=sys.stderr)


localrules:
    all,
    verify,


rule all:
    default_target: True
    input:
        # Each by name: Snakemake does not miss a file that only other files were made from.
        ARTIFACTS,
        "results/manifest.json",
