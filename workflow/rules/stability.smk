# How often each verdict comes with other seeds: `snakemake stability`. Not part of `all`.
SEEDS = [config["stability"]["seed"] + k + 1 for k in range(config["stability"]["runs"])]
# The programs of simulation and training, and all that they import.
MADE_BY = [PLACE.file(f"scripts/{name}.py") for name in ("merge", "train")]
MADE_BY += sorted(path.as_posix() for path in Path(PLACE.file("scripts")).glob("nets_*.py"))
MADE_BY += sorted({source for script in MADE_BY for source in sources(script)})


# The workflow runs in a folder of its own, which is kept: what was finished there when a run was
# killed is not done again. Theory has no seed and is shared.
use rule step as reseed with:
    input:
        **program("reseed"),
        tables=[table for table in rules.theory.input if table.endswith(".csv")],
        made_by=local(MADE_BY),
        own=[file for activation in ACTIVATIONS for file in own_file(activation)],
    output:
        verdicts=".stability/{reseeding}.csv",
    pathvars:
        job="reseed/{reseeding}",
    resources:
        # All of simulation and training, one job at a time, and 20 minutes to merge and to judge.
        mem_mb=max([SIMULATION["mem_mb"], *(size.megabytes for size in SIZES.values())]),
        runtime=20 + SIMULATION["runtime"] + sum(size.minutes for size in SIZES.values()),
        gpu=GPUS,
    params:
        options=lambda w, input: [
            *("--config", json.dumps(config, sort_keys=True)),
            *("--seed", w.reseeding),
            *("--snakefile", PLACE.file("Snakefile")),
            *("--folder", f"{RESEEDINGS}/{w.reseeding}"),
            *("--tables", *input.tables),
        ],
    message:
        "{rule} {wildcards.reseeding}: simulation and training with this seed, judged"


use rule step as stability with:
    input:
        **program("stability"),
        verdicts=expand(rules.reseed.output, reseeding=SEEDS),
    output:
        stability="results/claims/stability.csv",
    pathvars:
        job="stability",
    params:
        options=lambda w, input: ["--verdicts", *input.verdicts],
    message:
        "{rule}: how often each verdict came, in results/claims/stability.csv"
