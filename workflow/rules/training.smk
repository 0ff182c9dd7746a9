# Nets trained on MNIST, one job per architecture and learning rate of a study.
TRAIN = config["training"]
RUNS = {
    f"{study}_{width}x{depth}_{about['optimiser']}_{rate:g}": {
        **{key: value for key, value in TRAIN.items() if key != "studies"},
        **{"data": DATA},
        **{key: about[key] for key in ("inits", "seeds", "optimiser")},
        **{"steps": about.get("steps", TRAIN["steps"])},
        **{"width": width, "depth": depth, "learning_rate": rate},
        **{"device": config["simulation"]["device"]},
    }
    for study, about in TRAIN["studies"].items()
    for width, depth in about["shapes"]
    for rate in about["learning_rates"]
}
SIZES = {
    name: Size(
        r["width"],
        r["depth"],
        len(r["inits"]),
        r["seeds"],
        r["batch"],
        r["steps"],
        r["memory_gb"],
    )
    for name, r in RUNS.items()
}


use rule step as train with:
    input:
        **program("train"),
        data=digits,
    output:
        train_curves="results/training/{run}/train_curves.csv",
        train_gradients="results/training/{run}/train_gradients.csv",
    pathvars:
        job="train/{run}",
    # The longest jobs: what is short fills the cores up when they are under way.
    priority: 1
    resources:
        mem_mb=lambda w: SIZES[w.run].megabytes,
        runtime=lambda w: SIZES[w.run].minutes,
        gpu=GPUS,
    params:
        # Checkpoints lie outside results/: they are no artifacts, and gone when training is done.
        options=lambda w: options(RUNS[w.run], checkpoint=f"{CHECKPOINTS}/{w.run}.pt"),
        steps=lambda w: RUNS[w.run]["steps"],
    message:
        "{rule} {wildcards.run}: {params.steps} steps on MNIST"


use rule step as merge_train with:
    input:
        **program("merge"),
        tables=expand(rules.train.output, run=RUNS),
    output:
        [file_of(table) for table in rules.train.output.keys()],
    pathvars:
        job="merge_train",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all runs"


OF_EACH += expand(rules.train.output, run=RUNS)


rule training:
    input:
        rules.merge_train.output,
    message:
        f"{{rule}}: its tables are in {RESULTS}/training"
