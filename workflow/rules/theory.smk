# Theory: what is computed without a random number.
T = config["theory"]


# The edge of each activation, its map f and its phases; then the tables of all, in their order.
use rule step as edge with:
    input:
        **program("edge"),
        own=own,
    output:
        edge=f"{EACH}/edge.csv",
        fixed_points=f"{EACH}/fixed_points.csv",
        threshold=f"{EACH}/threshold.csv",
        windows=f"{EACH}/windows.csv",
        folds=f"{EACH}/folds.csv",
        conditions=f"{EACH}/conditions.csv",
        constants=f"{EACH}/constants.csv",
    pathvars:
        job="edge/{activation}",
    params:
        options=for_activation(T["edge"]),
    message:
        "{rule} {wildcards.activation}: edge points, fixed points of F, conditions and constants"


use rule step as correlation with:
    input:
        **program("correlation"),
        own=own,
    output:
        correlation_maps=f"{EACH}/correlation_maps.csv",
        rates=f"{EACH}/rates.csv",
        identity_distance=f"{EACH}/identity_distance.csv",
    pathvars:
        job="correlation/{activation}",
    params:
        options=for_activation(T["correlation"]),
    message:
        "{rule} {wildcards.activation}: f on the edge, and 1 - c from layer to layer"


use rule step as phase_diagram with:
    input:
        **program("phase_diagram"),
        own=own,
    output:
        phase_diagram=f"{EACH}/phase_diagram.csv",
    pathvars:
        job="phase_diagram/{activation}",
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        options=for_activation({k: v for k, v in T["phase_diagram"].items() if k != "activations"}),
    message:
        "{rule} {wildcards.activation}: chi_1 at the limiting variance over a grid"


use rule step as merge_edge with:
    input:
        **program("merge"),
        tables=expand(rules.edge.output, activation=ACTIVATIONS),
    output:
        [file_of(table) for table in rules.edge.output.keys()],
    pathvars:
        job="merge_edge",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all activations"


use rule step as merge_correlation with:
    input:
        **program("merge"),
        tables=expand(rules.correlation.output, activation=ACTIVATIONS),
    output:
        [file_of(table) for table in rules.correlation.output.keys()],
    pathvars:
        job="merge_correlation",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all activations"


use rule step as merge_phase_diagram with:
    input:
        **program("merge"),
        tables=expand(rules.phase_diagram.output, activation=PHASED),
    output:
        [file_of(table) for table in rules.phase_diagram.output.keys()],
    pathvars:
        job="merge_phase_diagram",
    params:
        options=to_merge,
    message:
        "{rule}: one table of all activations"


# What is about one activation, or several at once.
use rule step as variance with:
    input:
        **program("variance"),
    output:
        variance="results/theory/variance.csv",
    pathvars:
        job="variance",
    params:
        options=options(T["variance"]),
    message:
        "{rule}: the variance of several inputs against layer"


use rule step as departure with:
    input:
        **program("departure"),
    output:
        departure="results/theory/departure.csv",
    pathvars:
        job="departure",
    params:
        options=options(T["departure"]),
    message:
        "{rule}: how fast a variance leaves Swish's unstable edge points"


use rule step as depth_scales with:
    input:
        **program("depth_scales"),
    output:
        depth_scales="results/theory/depth_scales.csv",
        trajectories="results/theory/trajectories.csv",
        chaotic="results/theory/chaotic.csv",
        decorrelation="results/theory/decorrelation.csv",
        lemma1="results/theory/lemma1.csv",
    pathvars:
        job="depth_scales",
    params:
        options=options(T["depth_scales"]),
    message:
        "{rule}: depth scales and phases of Tanh, and Lemma 1"


use rule step as relu_like with:
    input:
        **program("relu_like"),
    output:
        relu_like="results/theory/relu_like.csv",
        relu_like_map="results/theory/relu_like_map.csv",
        relu_like_rates="results/theory/relu_like_rates.csv",
    pathvars:
        job="relu_like",
    params:
        options=options(T["relu_like"]),
    message:
        "{rule}: Propositions 2 and 3"


use rule step as supplement with:
    input:
        **program("supplement"),
    output:
        swish_moments="results/theory/swish_moments.csv",
        variance_maps="results/theory/variance_maps.csv",
        hardtanh="results/theory/hardtanh.csv",
        prior_kernel="results/theory/prior_kernel.csv",
        closed_forms="results/theory/closed_forms.csv",
        slopes="results/theory/slopes.csv",
    pathvars:
        job="supplement",
    params:
        options=options(T["supplement"]),
    message:
        "{rule}: moments of Swish, F at edge points, Hard-Tanh, prior kernels, slopes"


use rule step as printed_table with:
    input:
        **program("printed_table"),
    output:
        printed_points="results/theory/printed_points.csv",
        printed_fixed_points="results/theory/printed_fixed_points.csv",
        printed_paths="results/theory/printed_paths.csv",
        printed_maps="results/theory/printed_maps.csv",
    pathvars:
        job="printed_table",
    params:
        options=options(T["printed_table"]),
    message:
        "{rule}: the paper's table of Swish as printed"


use rule step as input_scaling with:
    input:
        **program("input_scaling"),
        data=digits,
    output:
        input_scaling="results/theory/input_scaling.csv",
    pathvars:
        job="input_scaling",
    params:
        options=options(T["input_scaling"], data=DATA),
    message:
        "{rule}: variances of MNIST's images by how they are scaled"


use rule step as kernel_accuracy with:
    input:
        **program("kernel_accuracy"),
        data=digits,
    output:
        kernel_accuracy="results/theory/kernel_accuracy.csv",
    pathvars:
        job="kernel_accuracy",
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        options=options(T["kernel_accuracy"], data=DATA),
    message:
        "{rule}: accuracy on MNIST of regression with deep kernels"


use rule step as remarks with:
    input:
        **program("remarks"),
    output:
        kcorr="results/theory/kcorr.csv",
        near_edge="results/theory/near_edge.csv",
        near_edge_paths="results/theory/near_edge_paths.csv",
        negative_pairs="results/theory/negative_pairs.csv",
        negative_paths="results/theory/negative_paths.csv",
        without_biases="results/theory/without_biases.csv",
        kept_variances="results/theory/kept_variances.csv",
        own_points="results/theory/own_points.csv",
        scaled_swish="results/theory/scaled_swish.csv",
        scaled_thresholds="results/theory/scaled_thresholds.csv",
        contraction="results/theory/contraction.csv",
        odd_family="results/theory/odd_family.csv",
    pathvars:
        job="remarks",
    params:
        options=options(T["remarks"]),
    message:
        "{rule}: what the paper remarks beside its propositions"


use rule step as phase_window with:
    input:
        **program("phase_window"),
    output:
        phase_window="results/theory/phase_window.csv",
    pathvars:
        job="phase_window",
    params:
        options=options(T["phase_window"]),
    message:
        "{rule}: Swish's phases where its fold lies below divergence"


use rule step as counterexamples with:
    input:
        **program("counterexamples"),
    output:
        oscillating="results/theory/oscillating.csv",
        bounded_folds="results/theory/bounded_folds.csv",
        bounded_conditions="results/theory/bounded_conditions.csv",
    pathvars:
        job="counterexamples",
    params:
        options=options(T["counterexamples"]),
    message:
        "{rule}: what contradicts Propositions 4 and 7 as printed"


OF_EACH = [
    *expand([*rules.edge.output, *rules.correlation.output], activation=ACTIVATIONS),
    *expand(rules.phase_diagram.output, activation=PHASED),
]


rule theory:
    input:
        rules.merge_edge.output,
        rules.merge_correlation.output,
        rules.merge_phase_diagram.output,
        rules.variance.output,
        rules.departure.output,
        rules.depth_scales.output,
        rules.relu_like.output,
        rules.supplement.output,
        rules.printed_table.output,
        rules.input_scaling.output,
        rules.kernel_accuracy.output,
        rules.remarks.output,
        rules.phase_window.output,
        rules.counterexamples.output,
    message:
        f"{{rule}}: its tables are in {RESULTS}/theory"
