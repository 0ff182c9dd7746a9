# Every claim of the paper, judged on the tables.


rule claims:
    input:
        script="scripts/claims.py",
        library=sources("scripts/claims.py"),
        tables=[file_of(table) for table in [*TABLES, *SIMULATED, *TRAINED]],
    output:
        csv=report(
            "results/claims/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"what": "verdict on every claim"},
        ),
        json="results/claims/claims.json",
    log:
        "results/logs/claims.log",
    benchmark:
        "results/benchmarks/claims.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["claims"][0],
        runtime=REQUESTS["claims"][1],
    params:
        tables=lambda wildcards, input: list(input.tables),
    message:
        "{rule}: every claim judged"
    shell:
        "python {input.script:q} --tables {params.tables:q} --csv {output.csv:q} "
        "--json {output.json:q} > {log:q} 2>&1"
