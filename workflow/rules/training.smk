# Nets trained on MNIST, one job per architecture.
TRAIN = config["training"]
ARCHITECTURES = {
    **{f"phases_{w}x{d}": (w, d, TRAIN["inits"]) for w, d in TRAIN["phases"]},
    **{f"pairs_{w}x{d}": (w, d, TRAIN["paired"]) for w, d in TRAIN["pairs"]},
}


rule train:
    input:
        script="scripts/train.py",
        library=sources("scripts/train.py"),
        data=expand(f"{TRAIN['data']}/{{name}}.gz", name=SUMS),
    output:
        train_curves="results/training/{architecture}/train_curves.csv",
        train_gradients="results/training/{architecture}/train_gradients.csv",
    log:
        "results/logs/train/{architecture}.log",
    benchmark:
        "results/benchmarks/train/{architecture}.tsv"
    # The longest jobs: what is short fills the cores up when they are under way.
    priority: 1
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=train_memory,
        runtime=train_minutes,
        gpu=GPUS,
    params:
        data=lambda w, input: os.path.dirname(input.data[0]),
        device=config["simulation"]["device"],
        width=lambda w: ARCHITECTURES[w.architecture][0],
        depth=lambda w: ARCHITECTURES[w.architecture][1],
        inits=lambda w: ARCHITECTURES[w.architecture][2],
        # Outside results/: it is no artifact, and is gone when the training is done.
        checkpoint=".checkpoints/{architecture}.pt",
        sigma_b=TRAIN["sigma_b"],
        seeds=TRAIN["seeds"],
        images=TRAIN["images"],
        steps=TRAIN["steps"],
        batch=TRAIN["batch"],
        every=TRAIN["every"],
        optimiser=TRAIN["optimiser"],
        learning_rate=TRAIN["learning_rate"],
        precision=TRAIN["precision"],
    message:
        "{rule} {wildcards.architecture}: {params.steps} steps on MNIST"
    shell:
        "python {input.script:q} --data {params.data:q} --device {params.device:q} "
        "--width {params.width:q} --depth {params.depth:q} --inits {params.inits:q} "
        "--sigma-b {params.sigma_b:q} --seeds {params.seeds:q} --images {params.images:q} "
        "--steps {params.steps:q} --batch {params.batch:q} --every {params.every:q} "
        "--optimiser {params.optimiser:q} --learning-rate {params.learning_rate:q} "
        "--precision {params.precision:q} "
        "--checkpoint {params.checkpoint:q} --train-curves {output.train_curves:q} "
        "--train-gradients {output.train_gradients:q} > {log:q} 2>&1"


rule merge_train:
    input:
        script="scripts/merge.py",
        library=sources("scripts/merge.py"),
        tables=expand("results/training/{a}/{t}.csv", a=ARCHITECTURES, t=TRAINED),
    output:
        expand("results/training/{t}.csv", t=TRAINED),
    log:
        "results/logs/merge_train.log",
    benchmark:
        "results/benchmarks/merge_train.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["merge"][0],
        runtime=REQUESTS["merge"][1],
    params:
        folders=expand("results/training/{a}", a=ARCHITECTURES),
    message:
        "{rule}: one table of all architectures"
    shell:
        "python {input.script:q} --folders {params.folders:q} --outputs {output:q} > {log:q} 2>&1"
