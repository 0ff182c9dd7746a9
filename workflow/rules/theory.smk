# Theory that is not computed activation by activation.
rule variance:
    input:
        script="scripts/variance.py",
        library=sources("scripts/variance.py"),
    output:
        variance="results/theory/variance.csv",
        departure="results/theory/departure.csv",
    log:
        "results/logs/variance.log",
    benchmark:
        "results/benchmarks/variance.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["variance"][0],
        runtime=REQUESTS["variance"][1],
    params:
        sigma_b=config["theory"]["variance"]["sigma_b"],
        sigma_w=config["theory"]["variance"]["sigma_w"],
        inputs=config["theory"]["variance"]["inputs"],
        layers=config["theory"]["variance"]["layers"],
        departure=config["theory"]["departure"]["sigma_b"],
        deviations=config["theory"]["departure"]["deviations"],
    message:
        "{rule}: the variance of three inputs, and departures from Swish's edge"
    shell:
        "python {input.script:q} --sigma-b {params.sigma_b:q} --sigma-w {params.sigma_w:q} "
        "--inputs {params.inputs:q} --layers {params.layers:q} "
        "--departure-sigma-b {params.departure:q} --deviations {params.deviations:q} "
        "--variance {output.variance:q} --departure {output.departure:q} > {log:q} 2>&1"


rule depth_scales:
    input:
        script="scripts/depth_scales.py",
        library=sources("scripts/depth_scales.py"),
    output:
        depth_scales="results/theory/depth_scales.csv",
        trajectories="results/theory/trajectories.csv",
        chaotic="results/theory/chaotic.csv",
        decorrelation="results/theory/decorrelation.csv",
        lemma1="results/theory/lemma1.csv",
    log:
        "results/logs/depth_scales.log",
    benchmark:
        "results/benchmarks/depth_scales.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["depth_scales"][0],
        runtime=REQUESTS["depth_scales"][1],
    params:
        sigma_b=config["theory"]["depth_scales"]["sigma_b"],
        ordered=config["theory"]["depth_scales"]["ordered_sigma_w"],
        chaotic=config["theory"]["depth_scales"]["chaotic_sigma_w"],
        layers=config["theory"]["depth_scales"]["layers"],
        epsilons=config["theory"]["depth_scales"]["epsilons"],
    message:
        "{rule}: depth scales and phases of Tanh, and Lemma 1"
    shell:
        "python {input.script:q} --sigma-b {params.sigma_b:q} "
        "--ordered-sigma-w {params.ordered:q} --chaotic-sigma-w {params.chaotic:q} "
        "--layers {params.layers:q} --epsilons {params.epsilons:q} "
        "--depth-scales {output.depth_scales:q} --trajectories {output.trajectories:q} "
        "--chaotic {output.chaotic:q} --decorrelation {output.decorrelation:q} "
        "--lemma1 {output.lemma1:q} > {log:q} 2>&1"


rule relu_like:
    input:
        script="scripts/relu_like.py",
        library=sources("scripts/relu_like.py"),
    output:
        relu_like="results/theory/relu_like.csv",
        relu_kernel="results/theory/relu_kernel.csv",
        relu_rates="results/theory/relu_rates.csv",
    log:
        "results/logs/relu_like.log",
    benchmark:
        "results/benchmarks/relu_like.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["relu_like"][0],
        runtime=REQUESTS["relu_like"][1],
    params:
        # With =, for argparse takes an argument that begins with a minus for an option.
        slopes=[f"--slopes={a!r},{b!r}" for a, b in config["theory"]["relu_like"]["slopes"]],
        layers=config["theory"]["relu_like"]["layers"],
    message:
        "{rule}: Propositions 2 and 3"
    shell:
        "python {input.script:q} {params.slopes:q} --layers {params.layers:q} "
        "--relu-like {output.relu_like:q} --relu-kernel {output.relu_kernel:q} "
        "--relu-rates {output.relu_rates:q} > {log:q} 2>&1"


rule supplement:
    input:
        script="scripts/supplement.py",
        library=sources("scripts/supplement.py"),
    output:
        swish_moments="results/theory/swish_moments.csv",
        variance_maps="results/theory/variance_maps.csv",
        hardtanh="results/theory/hardtanh.csv",
        kernels="results/theory/kernels.csv",
        closed_forms="results/theory/closed_forms.csv",
        slopes="results/theory/slopes.csv",
    log:
        "results/logs/supplement.log",
    benchmark:
        "results/benchmarks/supplement.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["supplement"][0],
        runtime=REQUESTS["supplement"][1],
    params:
        q=grid(config["theory"]["supplement"]["q"]),
        sigma_b=config["theory"]["supplement"]["sigma_b"],
    message:
        "{rule}: moments of Swish, curves of F, Hard-Tanh, kernels, slopes"
    shell:
        "python {input.script:q} --q-range {params.q:q} --sigma-b {params.sigma_b:q} "
        "--swish-moments {output.swish_moments:q} --variance-maps {output.variance_maps:q} "
        "--hardtanh {output.hardtanh:q} --kernels {output.kernels:q} "
        "--closed-forms {output.closed_forms:q} --slopes {output.slopes:q} > {log:q} 2>&1"
