# Nets trained on MNIST, one job per architecture.
TRAIN = config["training"]
# What is trained where; the other keys are alike in all architectures.
WHERE = ("depths", "inits", "pairs", "paired")
# Checkpoints lie outside results/: they are no artifacts, and gone when the training is done.
ARCHITECTURES = {
    f"{kind}_{width}x{depth}": {
        **{key: value for key, value in TRAIN.items() if key not in WHERE},
        **{"width": width, "depth": depth, "inits": inits},
        **{"device": config["simulation"]["device"]},
        **{"checkpoint": f".checkpoints/{kind}_{width}x{depth}.pt"},
    }
    for kind, inits in (("depths", TRAIN["inits"]), ("pairs", TRAIN["paired"]))
    for width, depth in TRAIN[kind]
}
SIZES = {
    name: Size(a["width"], a["depth"], a["seeds"] * len(a["inits"]), a["batch"], a["steps"])
    for name, a in ARCHITECTURES.items()
}


use rule step as train with:
    input:
        **program("train"),
        data=expand(f"{TRAIN['data']}/{{name}}.gz", name=SUMS),
    output:
        train_curves="results/training/{architecture}/train_curves.csv",
        train_gradients="results/training/{architecture}/train_gradients.csv",
    pathvars:
        job="train/{architecture}",
    # The longest jobs: what is short fills the cores up when they are under way.
    priority: 1
    resources:
        mem_mb=lambda w: SIZES[w.architecture].megabytes,
        runtime=lambda w: SIZES[w.architecture].minutes,
        gpu=GPUS,
    params:
        options=lambda w: options(ARCHITECTURES[w.architecture]),
    message:
        f"{{rule}} {{wildcards.architecture}}: {TRAIN['steps']} steps on MNIST"


use rule step as merge_train with:
    input:
        **program("merge"),
        tables=expand(rules.train.output, architecture=ARCHITECTURES),
    output:
        [file_of(table) for table in rules.train.output.keys()],
    pathvars:
        job="merge_train",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all architectures"


OF_EACH += expand(rules.train.output, architecture=ARCHITECTURES)


rule training:
    input:
        rules.merge_train.output,
    message:
        "{rule}: its tables are in results/training"
