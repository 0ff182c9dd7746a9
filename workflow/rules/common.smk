# What the rules share: names, and how the options of scripts are written.
import json

from edgeofchaos.support.sources import sources
from edgeofchaos.training.size import Size

ACTIVATIONS = list(SPECS)
PHASED = config["theory"]["phase_diagram"]["activations"]
EACH = "results/theory/activations/{activation}"  # the tables of one activation
# GPUs that each job which simulates or trains asks for. `auto` uses one that it finds, unasked.
GPUS = int(config["simulation"]["device"] == "cuda")
# The folder of what is made: a module's has its prefix. Beside it is what is kept between runs.
RESULTS = Path(workflow.modifier.modify_path("results"))
CHECKPOINTS, RESEEDINGS = RESULTS.with_name(".checkpoints"), RESULTS.with_name(".stability")
DATA = PLACE.data(config["training"]["data"])
# What is shown beside a run's own verdicts where it is there; nothing is judged on it.
REFERENCE = {
    path.name: path.as_posix() for path in Path(PLACE.file("resources/reference")).glob("*.*")
}
REFERRED = {"train_curves.csv", "verdicts.csv", "about.yaml"} <= set(REFERENCE)


def reference(*names):
    """Those of the reference run's files that are there, if it is."""
    return [local(REFERENCE[name]) for name in names if REFERRED and name in REFERENCE]


wildcard_constraints:
    activation="|".join(ACTIVATIONS),
    figure="|".join(FIGURES),
    reseeding="[0-9]+",
    run="[a-z0-9_]+_[0-9]+x[0-9]+_[a-z]+_[0-9.e-]+",


def program(name):
    """scripts/NAME.py and all that it imports, as inputs."""
    script = PLACE.file(f"scripts/{name}.py")
    # A module's prefix is for what it makes.
    return {"script": local(script), "library": local(sources(script))}


def digits(wildcards):
    """The files of MNIST. They are asked for only where a job reads them."""
    stop_without_digits(DATA)
    return [local(f"{DATA}/{name}.gz") for name in SUMS]


def options(section, **more):
    """A section of the config as options of a script, each key one, and ``more`` of them."""
    return [word for key, value in {**section, **more}.items() for word in option(key, value)]


def option(key, value):
    """--key-with-hyphens and its values: one, several, MIN MAX POINTS, NAME=VALUE or A,B pairs."""
    name = f"--{key.replace('_', '-')}"
    if isinstance(value, dict) and set(value) == {"min", "max", "points"}:
        return [name, value["min"], value["max"], value["points"]]
    if isinstance(value, dict):
        return [name, *(f"{key}={item!r}" for key, item in value.items())]
    if isinstance(value, list) and isinstance(value[0], list):
        # With =, for argparse takes an argument that begins with a minus for an option.
        return [f"{name}={a!r},{b!r}" for a, b in value]
    return [name, *value] if isinstance(value, list) else [name, value]


def for_activation(section, **more):
    """The same for a script that is about one activation, which it is told as well."""
    return lambda wildcards: [
        *("--activation", wildcards.activation),
        *("--spec", json.dumps(SPECS[wildcards.activation], sort_keys=True)),
        *options(section, **more),
    ]


def own(wildcards):
    """The file of the user's that the activation's own function comes from, if it does."""
    return own_file(wildcards.activation)


def own_file(activation):
    function = SPECS[activation].get("function")
    return local(PLACE.own(function)) if function else []


def to_merge(wildcards, input, output):
    """Options of scripts/merge.py: the folders that have the tables, and where they go together."""
    folders = dict.fromkeys(os.path.dirname(table) for table in input.tables)
    return ["--folders", *folders, "--outputs", *output]


def file_of(table):
    """Where a table lies, or the arrays of the surfaces."""
    folders = {"nets": "simulation", "surfaces": "simulation", "train": "training"}
    folder = folders.get(table.partition("_")[0], "theory")
    return f"results/{folder}/{table}.{'npz' if table == 'surfaces' else 'csv'}"
