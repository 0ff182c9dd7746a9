# The edge of chaos of each activation: points, stability, conditions, the map f, phase diagrams.
FOLDER = "results/theory/activations/{activation}"


rule edge:
    input:
        script="scripts/edge.py",
        library=THEORY,
    output:
        edge=f"{FOLDER}/edge.csv",
        fixed_points=f"{FOLDER}/fixed_points.csv",
        threshold=f"{FOLDER}/threshold.csv",
        folds=f"{FOLDER}/folds.csv",
    params:
        spec=spec,
        sigma_b=config["theory"]["edge"]["sigma_b"],
    log:
        "results/logs/edge/{activation}.log",
    benchmark:
        "results/benchmarks/edge/{activation}.tsv"
    threads: 1
    resources:
        mem_mb=REQUESTS["edge"][0],
        runtime=REQUESTS["edge"][1],
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b {params.sigma_b:q} --edge {output.edge:q} "
        "--fixed-points {output.fixed_points:q} --threshold {output.threshold:q} "
        "--folds {output.folds:q} > {log:q} 2>&1"


rule conditions:
    input:
        script="scripts/conditions.py",
        library=THEORY,
    output:
        conditions=f"{FOLDER}/conditions.csv",
        constants=f"{FOLDER}/constants.csv",
    params:
        spec=spec,
    log:
        "results/logs/conditions/{activation}.log",
    benchmark:
        "results/benchmarks/conditions/{activation}.tsv"
    threads: 1
    resources:
        mem_mb=REQUESTS["conditions"][0],
        runtime=REQUESTS["conditions"][1],
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--conditions {output.conditions:q} --constants {output.constants:q} > {log:q} 2>&1"


rule correlation:
    input:
        script="scripts/correlation.py",
        library=THEORY,
    output:
        curves=f"{FOLDER}/curves.csv",
        rates=f"{FOLDER}/rates.csv",
        identity=f"{FOLDER}/identity.csv",
    params:
        spec=spec,
        sigma_b=config["theory"]["correlation"]["sigma_b"],
        rate_sigma_b=config["theory"]["correlation"]["rate_sigma_b"],
        layers=config["theory"]["correlation"]["layers"],
    log:
        "results/logs/correlation/{activation}.log",
    benchmark:
        "results/benchmarks/correlation/{activation}.tsv"
    threads: 1
    resources:
        mem_mb=REQUESTS["correlation"][0],
        runtime=REQUESTS["correlation"][1],
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b {params.sigma_b:q} --rate-sigma-b {params.rate_sigma_b:q} "
        "--layers {params.layers:q} --curves {output.curves:q} --rates {output.rates:q} "
        "--identity {output.identity:q} > {log:q} 2>&1"


rule phase_diagram:
    input:
        script="scripts/phase_diagram.py",
        library=THEORY,
    output:
        phases=f"{FOLDER}/phases.csv",
    params:
        spec=spec,
        sigma_b=grid(config["theory"]["phases"]["sigma_b"]),
        sigma_w=grid(config["theory"]["phases"]["sigma_w"]),
    log:
        "results/logs/phase_diagram/{activation}.log",
    benchmark:
        "results/benchmarks/phase_diagram/{activation}.tsv"
    threads: 1
    resources:
        mem_mb=REQUESTS["phase_diagram"][0],
        runtime=REQUESTS["phase_diagram"][1],
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b-range {params.sigma_b:q} --sigma-w-range {params.sigma_w:q} "
        "--phases {output.phases:q} > {log:q} 2>&1"


def parts(wildcards):
    """The tables of the activations that a merged table is made of, in the config's order."""
    chosen = (
        config["theory"]["phases"]["activations"] if wildcards.table == "phases" else ACTIVATIONS
    )
    return [f"results/theory/activations/{name}/{wildcards.table}.csv" for name in chosen]


rule merge:
    input:
        script="scripts/merge.py",
        tables=parts,
    output:
        "results/theory/{table}.csv",
    log:
        "results/logs/merge/{table}.log",
    benchmark:
        "results/benchmarks/merge/{table}.tsv"
    threads: 1
    resources:
        mem_mb=REQUESTS["merge"][0],
        runtime=REQUESTS["merge"][1],
    shell:
        "python {input.script:q} --inputs {input.tables:q} --output {output:q} > {log:q} 2>&1"
