# The edge of chaos of each activation: points, stability, conditions, the map f, phase diagrams.
FOLDER = "results/theory/activations/{activation}"


rule edge:
    input:
        script="scripts/edge.py",
        library=sources("scripts/edge.py"),
        own=own,
    output:
        edge=f"{FOLDER}/edge.csv",
        fixed_points=f"{FOLDER}/fixed_points.csv",
        threshold=f"{FOLDER}/threshold.csv",
        folds=f"{FOLDER}/folds.csv",
        conditions=f"{FOLDER}/conditions.csv",
        constants=f"{FOLDER}/constants.csv",
    log:
        "results/logs/edge/{activation}.log",
    benchmark:
        "results/benchmarks/edge/{activation}.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["edge"][0],
        runtime=REQUESTS["edge"][1],
    params:
        spec=spec,
        sigma_b=config["theory"]["edge"]["sigma_b"],
    message:
        "{rule} {wildcards.activation}: edge points, fixed points of F, conditions and constants"
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b {params.sigma_b:q} --edge {output.edge:q} "
        "--fixed-points {output.fixed_points:q} --threshold {output.threshold:q} "
        "--folds {output.folds:q} --conditions {output.conditions:q} "
        "--constants {output.constants:q} > {log:q} 2>&1"


rule correlation:
    input:
        script="scripts/correlation.py",
        library=sources("scripts/correlation.py"),
        own=own,
    output:
        curves=f"{FOLDER}/curves.csv",
        rates=f"{FOLDER}/rates.csv",
        identity=f"{FOLDER}/identity.csv",
    log:
        "results/logs/correlation/{activation}.log",
    benchmark:
        "results/benchmarks/correlation/{activation}.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["correlation"][0],
        runtime=REQUESTS["correlation"][1],
    params:
        spec=spec,
        sigma_b=config["theory"]["correlation"]["sigma_b"],
        rate_sigma_b=config["theory"]["correlation"]["rate_sigma_b"],
        layers=config["theory"]["correlation"]["layers"],
    message:
        "{rule} {wildcards.activation}: f on the edge, and 1 - c from layer to layer"
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b {params.sigma_b:q} --rate-sigma-b {params.rate_sigma_b:q} "
        "--layers {params.layers:q} --curves {output.curves:q} --rates {output.rates:q} "
        "--identity {output.identity:q} > {log:q} 2>&1"


rule phase_diagram:
    input:
        script="scripts/phase_diagram.py",
        library=sources("scripts/phase_diagram.py"),
        own=own,
    output:
        phases=f"{FOLDER}/phases.csv",
    log:
        "results/logs/phase_diagram/{activation}.log",
    benchmark:
        "results/benchmarks/phase_diagram/{activation}.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["phase_diagram"][0],
        runtime=REQUESTS["phase_diagram"][1],
    params:
        spec=spec,
        sigma_b=grid(config["theory"]["phases"]["sigma_b"]),
        sigma_w=grid(config["theory"]["phases"]["sigma_w"]),
    message:
        "{rule} {wildcards.activation}: chi_1 at the limiting variance over a grid"
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--sigma-b-range {params.sigma_b:q} --sigma-w-range {params.sigma_w:q} "
        "--phases {output.phases:q} > {log:q} 2>&1"


# The tables of all activations together, in the config's order.
for step, tables in PER_ACTIVATION.items():

    rule:
        name:
            f"merge_{step}"
        input:
            script="scripts/merge.py",
            library=sources("scripts/merge.py"),
            tables=expand(f"{FOLDER}/{{table}}.csv", activation=chosen(step), table=tables),
        output:
            expand("results/theory/{table}.csv", table=tables),
        log:
            f"results/logs/merge_{step}.log",
        benchmark:
            f"results/benchmarks/merge_{step}.tsv"
        conda:
            "../envs/edgeofchaos.yaml"
        threads: THREADS
        resources:
            mem_mb=REQUESTS["merge"][0],
            runtime=REQUESTS["merge"][1],
        params:
            folders=expand(FOLDER, activation=chosen(step)),
        message:
            "{rule}: one table of all activations"
        shell:
            "python {input.script:q} --folders {params.folders:q} --outputs {output:q} "
            "> {log:q} 2>&1"
