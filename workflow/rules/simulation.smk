# Random nets, simulated. `device` says where; sums run on one thread, so cores change no digit.
NETS = config["simulation"]


rule nets_propagation:
    input:
        script="scripts/nets_propagation.py",
        library=sources("scripts/nets_propagation.py"),
        own=own,
    output:
        nets_propagation="results/simulation/activations/{activation}/nets_propagation.csv",
    log:
        "results/logs/nets_propagation/{activation}.log",
    benchmark:
        "results/benchmarks/nets_propagation/{activation}.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_propagation"][0],
        runtime=REQUESTS["nets_propagation"][1],
        gpu=GPUS,
    params:
        spec=spec,
        seed=NETS["seed"],
        device=NETS["device"],
        sigma_b=NETS["propagation"]["sigma_b"],
        sigma_w=NETS["propagation"]["sigma_w"],
        start=NETS["propagation"]["start"],
        width=NETS["propagation"]["width"],
        layers=NETS["propagation"]["layers"],
        draws=NETS["propagation"]["draws"],
    message:
        "{rule} {wildcards.activation}: simulated q and c against the kernel recursion"
    shell:
        "python {input.script:q} --activation {wildcards.activation:q} --spec {params.spec:q} "
        "--seed {params.seed:q} --device {params.device:q} --sigma-b {params.sigma_b:q} "
        "--sigma-w {params.sigma_w:q} --start {params.start:q} --width {params.width:q} "
        "--layers {params.layers:q} --draws {params.draws:q} "
        "--nets-propagation {output.nets_propagation:q} > {log:q} 2>&1"


rule merge_nets_propagation:
    input:
        script="scripts/merge.py",
        library=sources("scripts/merge.py"),
        tables=expand(rules.nets_propagation.output[0], activation=ACTIVATIONS),
    output:
        "results/simulation/nets_propagation.csv",
    log:
        "results/logs/merge_nets_propagation.log",
    benchmark:
        "results/benchmarks/merge_nets_propagation.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["merge"][0],
        runtime=REQUESTS["merge"][1],
    params:
        folders=expand("results/simulation/activations/{activation}", activation=ACTIVATIONS),
    message:
        "{rule}: one table of all activations"
    shell:
        "python {input.script:q} --folders {params.folders:q} --outputs {output:q} > {log:q} 2>&1"


rule nets_width:
    input:
        script="scripts/nets_width.py",
        library=sources("scripts/nets_width.py"),
    output:
        nets_width="results/simulation/nets_width.csv",
    log:
        "results/logs/nets_width.log",
    benchmark:
        "results/benchmarks/nets_width.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_width"][0],
        runtime=REQUESTS["nets_width"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        activations=NETS["width"]["activations"],
        sigma_b=NETS["width"]["sigma_b"],
        sigma_w=NETS["width"]["sigma_w"],
        start=NETS["width"]["start"],
        widths=NETS["width"]["widths"],
        layers=NETS["width"]["layers"],
        units=NETS["width"]["units"],
    message:
        "{rule}: the gap to the Gaussian process against width"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} "
        "--activations {params.activations:q} --sigma-b {params.sigma_b:q} --sigma-w "
        "{params.sigma_w:q} --start {params.start:q} --widths {params.widths:q} --layers "
        "{params.layers:q} --units {params.units:q} --nets-width {output.nets_width:q} > "
        "{log:q} 2>&1"


rule nets_rates:
    input:
        script="scripts/nets_rates.py",
        library=sources("scripts/nets_rates.py"),
    output:
        nets_rates="results/simulation/nets_rates.csv",
        nets_exponents="results/simulation/nets_exponents.csv",
    log:
        "results/logs/nets_rates.log",
    benchmark:
        "results/benchmarks/nets_rates.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_rates"][0],
        runtime=REQUESTS["nets_rates"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        nets=at_points(NETS["rates"]["nets"]),
        width=NETS["rates"]["width"],
        layers=NETS["rates"]["layers"],
        draws=NETS["rates"]["draws"],
    message:
        "{rule}: 1 - c of simulated nets on the edge"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} --nets "
        "{params.nets:q} --width {params.width:q} --layers {params.layers:q} --draws "
        "{params.draws:q} --nets-rates {output.nets_rates:q} --nets-exponents "
        "{output.nets_exponents:q} > {log:q} 2>&1"


rule nets_phases:
    input:
        script="scripts/nets_phases.py",
        library=sources("scripts/nets_phases.py"),
    output:
        nets_ordered="results/simulation/nets_ordered.csv",
        nets_chaotic="results/simulation/nets_chaotic.csv",
        nets_decorrelation="results/simulation/nets_decorrelation.csv",
    log:
        "results/logs/nets_phases.log",
    benchmark:
        "results/benchmarks/nets_phases.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_phases"][0],
        runtime=REQUESTS["nets_phases"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        sigma_b=NETS["phases"]["sigma_b"],
        ordered_sigma_w=NETS["phases"]["ordered_sigma_w"],
        chaotic_sigma_w=NETS["phases"]["chaotic_sigma_w"],
        epsilons=NETS["phases"]["epsilons"],
        width=NETS["phases"]["width"],
        layers=NETS["phases"]["layers"],
        draws=NETS["phases"]["draws"],
    message:
        "{rule}: simulated nets in the ordered and the chaotic phase of Tanh"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} --sigma-b "
        "{params.sigma_b:q} --ordered-sigma-w {params.ordered_sigma_w:q} --chaotic-sigma-w "
        "{params.chaotic_sigma_w:q} --epsilons {params.epsilons:q} --width {params.width:q} "
        "--layers {params.layers:q} --draws {params.draws:q} --nets-ordered "
        "{output.nets_ordered:q} --nets-chaotic {output.nets_chaotic:q} --nets-decorrelation "
        "{output.nets_decorrelation:q} > {log:q} 2>&1"


rule nets_surfaces:
    input:
        script="scripts/nets_surfaces.py",
        library=sources("scripts/nets_surfaces.py"),
    output:
        nets_surfaces="results/simulation/nets_surfaces.csv",
        nets_spread="results/simulation/nets_spread.csv",
        surfaces="results/simulation/surfaces.npz",
    log:
        "results/logs/nets_surfaces.log",
    benchmark:
        "results/benchmarks/nets_surfaces.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_surfaces"][0],
        runtime=REQUESTS["nets_surfaces"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        side=NETS["surfaces"]["side"],
        draws=NETS["surfaces"]["draws"],
    message:
        "{rule}: output surfaces over a grid of inputs"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} --side "
        "{params.side:q} --draws {params.draws:q} --nets-surfaces {output.nets_surfaces:q} "
        "--nets-spread {output.nets_spread:q} --surfaces {output.surfaces:q} > {log:q} 2>&1"


rule nets_gradients:
    input:
        script="scripts/nets_gradients.py",
        library=sources("scripts/nets_gradients.py"),
    output:
        nets_gradients="results/simulation/nets_gradients.csv",
        nets_factors="results/simulation/nets_factors.csv",
    log:
        "results/logs/nets_gradients.log",
    benchmark:
        "results/benchmarks/nets_gradients.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_gradients"][0],
        runtime=REQUESTS["nets_gradients"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        nets=at_points(NETS["gradients"]["nets"]),
        width=NETS["gradients"]["width"],
        layers=NETS["gradients"]["layers"],
        draws=NETS["gradients"]["draws"],
    message:
        "{rule}: mean squared gradients by layer"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} --nets "
        "{params.nets:q} --width {params.width:q} --layers {params.layers:q} --draws "
        "{params.draws:q} --nets-gradients {output.nets_gradients:q} --nets-factors "
        "{output.nets_factors:q} > {log:q} 2>&1"


rule nets_departure:
    input:
        script="scripts/nets_departure.py",
        library=sources("scripts/nets_departure.py"),
    output:
        nets_times="results/simulation/nets_times.csv",
        nets_paths="results/simulation/nets_paths.csv",
        nets_growth="results/simulation/nets_growth.csv",
    log:
        "results/logs/nets_departure.log",
    benchmark:
        "results/benchmarks/nets_departure.tsv"
    conda:
        "../envs/edgeofchaos.yaml"
    threads: THREADS
    resources:
        mem_mb=REQUESTS["nets_departure"][0],
        runtime=REQUESTS["nets_departure"][1],
        gpu=GPUS,
    params:
        seed=NETS["seed"],
        device=NETS["device"],
        sigma_b=NETS["departure"]["sigma_b"],
        starts=NETS["departure"]["starts"],
        widths=NETS["departure"]["widths"],
        layers=NETS["departure"]["layers"],
        units=NETS["departure"]["units"],
    message:
        "{rule}: Swish nets that leave their unstable edge point"
    shell:
        "python {input.script:q} --seed {params.seed:q} --device {params.device:q} --sigma-b "
        "{params.sigma_b:q} --starts {params.starts:q} --widths {params.widths:q} --layers "
        "{params.layers:q} --units {params.units:q} --nets-times {output.nets_times:q} "
        "--nets-paths {output.nets_paths:q} --nets-growth {output.nets_growth:q} > {log:q} "
        "2>&1"
