# The page with the verdicts and figures, and the manifest of all artifacts.
use rule step as page with:
    input:
        **program("report"),
        claims="results/claims/claims.json",
        compared=["results/claims/agreement.csv", *reference("about.yaml")] if REFERRED else [],
        figures=expand("results/figures/{figure}.png", figure=FIGURES),
        tables=["results/theory/edge.csv", "results/theory/threshold.csv"],
    output:
        output=report(
            "results/report/index.html",
            caption="../report/page.rst",
            category="Claims",
            labels={"what": "self-contained page"},
        ),
    pathvars:
        job="page",
    params:
        options=lambda w, input: [
            *("--claims", input.claims),
            *(["--compared", *input.compared] if REFERRED else []),
            *("--figures", os.path.dirname(input.figures[0])),
            *("--tables", os.path.dirname(input.tables[0])),
        ],
    message:
        "{rule}: {output.output}"


ARTIFACTS = [
    *rules.theory.input,
    *rules.simulation.input,
    *rules.training.input,
    *OF_EACH,
    *rules.figures.input,
    *rules.claims.output,
    *rules.page.output,
]


use rule step as manifest with:
    input:
        **program("manifest"),
        artifacts=ARTIFACTS,
    output:
        output="results/manifest.json",
    pathvars:
        job="manifest",
    params:
        options=lambda w, input: ["--artifacts", *input.artifacts],
    message:
        "{rule}: SHA-256 of every artifact"


rule verify:
    input:
        script=program("manifest")["script"],
    log:
        "results/logs/verify.log",
    localrule: True
    conda:
        "../envs/edgeofchaos.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        python=lambda w, input: PYTHON,
        # Not an input: Snakemake would first make anew whatever has changed, and the manifest.
        manifest=rules.manifest.output.output,
    message:
        f"{{rule}}: {RESULTS}/ against its manifest"
    shell:
        "{params.python} {input.script:q} --verify {params.manifest:q} 2>&1 | tee {log:q}"
