# What the rules share: names, requests and the files that results depend on.
import json

from edgeofchaos.support.sources import find_module, sources

ACTIVATIONS = list(SPECS)
PER_ACTIVATION = {
    "edge": "edge fixed_points threshold folds conditions constants".split(),
    "correlation": "curves rates identity".split(),
    "phase_diagram": ["phases"],
}
TABLES = [
    *(table for tables in PER_ACTIVATION.values() for table in tables),
    *"variance departure".split(),
    *"depth_scales trajectories chaotic decorrelation lemma1".split(),
    *"relu_like relu_kernel relu_rates".split(),
    *"swish_moments variance_maps hardtanh kernels closed_forms slopes".split(),
]

SIMULATED = [
    *"nets_propagation nets_width nets_rates nets_exponents".split(),
    *"nets_ordered nets_chaotic nets_decorrelation nets_surfaces nets_spread".split(),
    *"nets_gradients nets_factors nets_times nets_paths nets_growth".split(),
]

TRAINED = ["train_curves", "train_gradients"]

# What jobs ask for, here and in train_memory and train_minutes below, and nowhere else.
# More threads would change the order of sums, and with it digits.
THREADS = 1
# Of each job that computes on the device. `auto` takes what it finds and asks for none.
GPUS = int(config["simulation"]["device"] == "cuda")
# Memory in MB and minutes for each rule.
REQUESTS = {
    "edge": (1500, 5),
    "correlation": (1500, 10),
    "phase_diagram": (1500, 30),
    "variance": (1500, 5),
    "depth_scales": (1500, 10),
    "relu_like": (1500, 10),
    "supplement": (1500, 10),
    "nets_propagation": (1500, 20),
    "nets_width": (2000, 30),
    "nets_rates": (1500, 600),
    "nets_phases": (1500, 120),
    "nets_surfaces": (2000, 60),
    "nets_gradients": (4000, 30),
    "nets_departure": (1500, 120),
    "merge": (500, 5),
    "claims": (1000, 5),
    "figure": (1000, 5),
    "page": (1000, 5),
    "manifest": (500, 5),
}


wildcard_constraints:
    activation="|".join(ACTIVATIONS),
    figure="|".join(FIGURES),
    architecture="(phases|pairs)_[0-9]+x[0-9]+",


def own(wildcards):
    """The file in the work folder that the activation's own function comes from, if it does."""
    function = SPECS[wildcards.activation].get("function")
    found = find_module(function.partition(":")[0], [os.getcwd()]) if function else None
    return [os.path.relpath(found.origin)] if found and found.has_location else []


def spec(wildcards):
    """The activation's entry in the config, as JSON for the command line."""
    return json.dumps(SPECS[wildcards.activation], sort_keys=True)


def chosen(step):
    """The activations that a step of PER_ACTIVATION is done for."""
    return config["theory"]["phases"]["activations"] if step == "phase_diagram" else ACTIVATIONS


def grid(section):
    return [section["min"], section["max"], section["points"]]


def at_points(nets):
    """{name: sigma_b} as NAME=SIGMA_B."""
    return [f"{name}={sigma_b!r}" for name, sigma_b in nets.items()]


def file_of(table):
    """Where a table lies, or the arrays of the surfaces."""
    if table == "surfaces":
        return "results/simulation/surfaces.npz"
    for folder, tables in (("simulation", SIMULATED), ("training", TRAINED)):
        if table in tables:
            return f"results/{folder}/{table}.csv"
    return f"results/theory/{table}.csv"


def figure_tables(wildcards):
    return {t: file_of(t) for t in FIGURES[wildcards.figure].tables}


def numbers_trained(wildcards):
    """How many parameters, and activations of a batch, all nets of an architecture have."""
    train = config["training"]
    width, depth, inits = ARCHITECTURES[wildcards.architecture]
    nets = train["seeds"] * len(inits)
    one = 784 * width + (depth - 1) * width**2 + 10 * width
    return nets * one, nets * train["batch"] * (3 * 784 + 6 * width * depth)


def train_memory(wildcards):
    """MB: parameters, gradients, Adam's two moments and a checkpoint; activations; the digits."""
    parameters, activations = numbers_trained(wildcards)
    return int((20 * parameters + 4 * activations) / 1e6) + 1500


def train_minutes(wildcards):
    """At 10 GF/s, which two cores of any machine reach; a GPU needs a hundredth."""
    train = config["training"]
    work = 6 * numbers_trained(wildcards)[0] * train["batch"] * train["steps"]
    return 10 + int(1.5 * work / 1e10 / 60)
