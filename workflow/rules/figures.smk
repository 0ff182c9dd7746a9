# Figures, the page that shows them with the verdicts, and the manifest of all artifacts.


rule figure:
    input:
        unpack(figure_tables),
        script="scripts/figures.py",
        library=sources("scripts/figures.py"),
    output:
        pdf="results/figures/{figure}.pdf",
        png=report(
            "results/figures/{figure}.png",
            caption="../report/figure.rst",
            category=lambda w: FIGURES[w.figure].category,
            labels=lambda w: {"figure": FIGURES[w.figure].title},
        ),
    log:
        "results/logs/figure/{figure}.log",
    benchmark:
        "results/benchmarks/figure/{figure}.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["figure"][0],
        runtime=REQUESTS["figure"][1],
    params:
        tables=lambda w: list(figure_tables(w).values()),
        caption=lambda w: FIGURES[w.figure].caption,
    message:
        "{rule} {wildcards.figure}"
    shell:
        "python {input.script:q} --figure {wildcards.figure:q} --tables {params.tables:q} "
        "--pdf {output.pdf:q} --png {output.png:q} > {log:q} 2>&1"


rule page:
    input:
        script="scripts/report.py",
        library=sources("scripts/report.py"),
        claims="results/claims/claims.json",
        figures=expand("results/figures/{figure}.png", figure=FIGURES),
        edge="results/theory/edge.csv",
        threshold="results/theory/threshold.csv",
    output:
        report(
            "results/report/index.html",
            caption="../report/page.rst",
            category="Claims",
            labels={"what": "self-contained page"},
        ),
    log:
        "results/logs/page.log",
    benchmark:
        "results/benchmarks/page.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["page"][0],
        runtime=REQUESTS["page"][1],
    params:
        figures=lambda w, input: os.path.dirname(input.figures[0]),
        tables=lambda w, input: os.path.dirname(input.edge),
    message:
        "{rule}: results/report/index.html"
    shell:
        "python {input.script:q} --claims {input.claims:q} --figures {params.figures:q} "
        "--tables {params.tables:q} --output {output:q} > {log:q} 2>&1"


ARTIFACTS = [
    *(file_of(table) for table in [*TABLES, *SIMULATED, *TRAINED, "surfaces"]),
    *expand(rules.nets_propagation.output[0], activation=ACTIVATIONS),
    *rules.merge_train.input.tables,
    *(
        f"{FOLDER.format(activation=activation)}/{table}.csv"
        for step, tables in PER_ACTIVATION.items()
        for activation in chosen(step)
        for table in tables
    ),
    *expand("results/figures/{figure}.{ext}", figure=FIGURES, ext=["pdf", "png"]),
    "results/claims/claims.csv",
    "results/claims/claims.json",
    "results/report/index.html",
]


rule manifest:
    input:
        script="scripts/manifest.py",
        library=sources("scripts/manifest.py"),
        artifacts=ARTIFACTS,
    output:
        "results/manifest.json",
    log:
        "results/logs/manifest.log",
    benchmark:
        "results/benchmarks/manifest.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["manifest"][0],
        runtime=REQUESTS["manifest"][1],
    message:
        "{rule}: SHA-256 of every artifact"
    shell:
        "python {input.script:q} --artifacts {input.artifacts:q} --output {output:q} "
        "> {log:q} 2>&1"


rule verify:
    input:
        script="scripts/manifest.py",
    log:
        "results/logs/verify.log",
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["manifest"][0],
        runtime=REQUESTS["manifest"][1],
    params:
        # Not an input: Snakemake would first make anew whatever has changed, and the manifest.
        manifest="results/manifest.json",
    message:
        "{rule}: results/ against its manifest"
    shell:
        "python {input.script:q} --verify {params.manifest:q} 2>&1 | tee {log:q}"
