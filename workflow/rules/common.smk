# What the rules share: names, requests and the parts of the library that a result depends on.
import json
from glob import glob

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

# Memory in MB and minutes for each rule: the one place where they are set.
REQUESTS = {
    "edge": (1500, 5),
    "correlation": (1500, 10),
    "phase_diagram": (1500, 30),
    "variance": (1500, 5),
    "depth_scales": (1500, 10),
    "relu_like": (1500, 10),
    "supplement": (1500, 10),
    "merge": (500, 5),
    "claims": (1000, 5),
    "figure": (1000, 5),
    "page": (1000, 5),
    "manifest": (500, 5),
}


wildcard_constraints:
    activation="|".join(ACTIVATIONS),
    figure="|".join(FIGURES),


def library(*modules):
    """Source files of the library that a rule's results depend on."""
    return [f"src/edgeofchaos/{module}.py" for module in modules]


# A change in the mathematics re-runs all of the theory; one in a figure only the figures.
THEORY = [
    *library("names", "activations", "gaussian", "pairs", "meanfield", "edge", "correlation"),
    *library("recursion", "constants", "conditions", "domains"),
]


def spec(wildcards):
    """The activation's entry in the config, as JSON for the command line."""
    return json.dumps(SPECS[wildcards.activation], sort_keys=True)


def chosen(step):
    """The activations that a step of PER_ACTIVATION is done for."""
    return config["theory"]["phases"]["activations"] if step == "phase_diagram" else ACTIVATIONS


def grid(section):
    return [section["min"], section["max"], section["points"]]


def figure_tables(wildcards):
    return {t: f"results/theory/{t}.csv" for t in FIGURES[wildcards.figure].tables}
