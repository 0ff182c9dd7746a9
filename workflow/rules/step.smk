# What all jobs share. `use rule step as ... with` says how another one differs.
rule step:
    input:
        **program("manifest"),
    log:
        "results/logs/<job>.log",
    benchmark:
        "results/benchmarks/<job>.tsv"
    pathvars:
        job="step",
    conda:
        "../envs/edgeofchaos.yaml"
    # More threads would change the order of sums, and with it digits.
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        # A function of the input: where Python lies makes no difference to what is made.
        python=lambda w, input: PYTHON,
        options=["--help"],
        outputs=lambda w, output: options(dict(output.items())),
    message:
        "{rule}: how a step is called"
    shell:
        "{params.python} {input.script:q} {params.options:q} {params.outputs:q} > {log:q} 2>&1"
