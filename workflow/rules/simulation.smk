# Random nets, simulated. `device` says where; sums run on one thread, so cores change no digit.
NETS = config["simulation"]
STREAM = {"seed": NETS["seed"], "device": NETS["device"]}
# The most memory that any job here asks for, and the time that all do, one after the other.
SIMULATION = {"mem_mb": 5000, "runtime": 1060 + 20 * len(ACTIVATIONS)}


use rule step as nets_propagation with:
    input:
        **program("nets_propagation"),
        own=own,
    output:
        nets_propagation="results/simulation/activations/{activation}/nets_propagation.csv",
    pathvars:
        job="nets_propagation/{activation}",
    resources:
        mem_mb=1500,
        runtime=20,
        gpu=GPUS,
    params:
        options=for_activation(NETS["propagation"], **STREAM),
    message:
        "{rule} {wildcards.activation}: simulated q and c against the kernel recursion"


use rule step as merge_nets_propagation with:
    input:
        **program("merge"),
        tables=expand(rules.nets_propagation.output, activation=ACTIVATIONS),
    output:
        "results/simulation/nets_propagation.csv",
    pathvars:
        job="merge_nets_propagation",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all activations"


use rule step as nets_width with:
    input:
        **program("nets_width"),
    output:
        nets_width="results/simulation/nets_width.csv",
    pathvars:
        job="nets_width",
    resources:
        mem_mb=2000,
        runtime=30,
        gpu=GPUS,
    params:
        options=options(NETS["width"], **STREAM),
    message:
        "{rule}: the gap to the Gaussian process against width"


use rule step as nets_rates with:
    input:
        **program("nets_rates"),
    output:
        nets_rates="results/simulation/nets_rates.csv",
        nets_exponents="results/simulation/nets_exponents.csv",
    pathvars:
        job="nets_rates",
    resources:
        mem_mb=1500,
        runtime=600,
        gpu=GPUS,
    params:
        options=options(NETS["rates"], **STREAM),
    message:
        "{rule}: 1 - c of simulated nets on the edge"


use rule step as nets_phases with:
    input:
        **program("nets_phases"),
    output:
        nets_ordered="results/simulation/nets_ordered.csv",
        nets_chaotic="results/simulation/nets_chaotic.csv",
        nets_decorrelation="results/simulation/nets_decorrelation.csv",
    pathvars:
        job="nets_phases",
    resources:
        mem_mb=1500,
        runtime=120,
        gpu=GPUS,
    params:
        options=options(NETS["phases"], **STREAM),
    message:
        "{rule}: simulated nets in the ordered and the chaotic phase of Tanh"


use rule step as nets_surfaces with:
    input:
        **program("nets_surfaces"),
    output:
        nets_surfaces="results/simulation/nets_surfaces.csv",
        nets_spread="results/simulation/nets_spread.csv",
        surfaces="results/simulation/surfaces.npz",
    pathvars:
        job="nets_surfaces",
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=GPUS,
    params:
        options=options(NETS["surfaces"], **STREAM),
    message:
        "{rule}: output surfaces over a grid of inputs"


use rule step as nets_gradients with:
    input:
        **program("nets_gradients"),
    output:
        nets_gradients="results/simulation/nets_gradients.csv",
        nets_factors="results/simulation/nets_factors.csv",
    pathvars:
        job="nets_gradients",
    resources:
        mem_mb=5000,
        runtime=30,
        gpu=GPUS,
    params:
        options=options(NETS["gradients"], **STREAM),
    message:
        "{rule}: mean squared gradients by layer"


use rule step as nets_departure with:
    input:
        **program("nets_departure"),
    output:
        nets_times="results/simulation/nets_times.csv",
        nets_paths="results/simulation/nets_paths.csv",
        nets_growth="results/simulation/nets_growth.csv",
    pathvars:
        job="nets_departure",
    resources:
        mem_mb=1500,
        runtime=120,
        gpu=GPUS,
    params:
        options=options(NETS["departure"], **STREAM),
    message:
        "{rule}: Swish nets that leave their unstable edge point"


use rule step as nets_printed with:
    input:
        **program("nets_printed"),
    output:
        nets_printed="results/simulation/nets_printed.csv",
    pathvars:
        job="nets_printed",
    resources:
        mem_mb=1500,
        runtime=60,
        gpu=GPUS,
    params:
        options=options(NETS["printed"], **STREAM),
    message:
        "{rule}: Swish nets at the point that the paper prints"


use rule step as nets_window with:
    input:
        **program("nets_window"),
    output:
        nets_window="results/simulation/nets_window.csv",
    pathvars:
        job="nets_window",
    resources:
        mem_mb=1500,
        runtime=30,
        gpu=GPUS,
    params:
        options=options(NETS["window"], **STREAM),
    message:
        "{rule}: Swish nets on either side of a fold below divergence"


OF_EACH += expand(rules.nets_propagation.output, activation=ACTIVATIONS)


rule simulation:
    input:
        rules.merge_nets_propagation.output,
        rules.nets_width.output,
        rules.nets_rates.output,
        rules.nets_phases.output,
        rules.nets_surfaces.output,
        rules.nets_gradients.output,
        rules.nets_departure.output,
        rules.nets_printed.output,
        rules.nets_window.output,
    message:
        f"{{rule}}: its tables are in {RESULTS}/simulation"
