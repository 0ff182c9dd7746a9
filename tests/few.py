"""A config that runs the whole workflow in a minute or two, and what it leaves."""

from pathlib import Path

# The smoke scale with one built-in and one function of the user's own.
FEW = """
scale: smoke
activations: [tanh, {name: mine, function: "of_my_own:twice"}]
theory:
  phase_diagram: {activations: [tanh], sigma_b: {points: 3}, sigma_w: {points: 3}}
  correlation: {layers: 1000}
  depth_scales: {layers: 100, ordered_sigma_w: [0.9, 1.3], epsilons: [1.0e-1, 1.0e-4]}
  relu_like: {slopes: [[1.0, 0.0], [-1.0, 0.25]], layers: 1000}
  remarks: {ratios: [0.98, 1.02], betas: [2.0], pair_sigma_b: [0.2], layers: 1000}
  kernel_accuracy: {depths: [1, 3], images: 20, tested: 20, sets: 2}
  phase_window: {sigma_b: {points: 2}, sigma_w: {points: 2}}
  counterexamples: {q: {points: 2}, sigma_b: [0.1]}
simulation:
  propagation: {width: 100, layers: 5, draws: 8}
  width: {activations: [tanh], widths: [16, 64], layers: 5, units: 10000}
  rates: {width: 200, layers: 100, draws: 8}
  phases: {width: 200, draws: 8, layers: 30}
  surfaces: {side: 8, draws: 8}
  gradients: {width: 50, layers: 10, draws: 8}
  window: {width: 200, draws: 8, layers: 30}
  departure: {widths: [100, 1000], layers: 40, units: 10000}
  printed: {widths: [100, 200], layers: 40, units: 2000}
training:
  images: 200
  steps: 4
  every: 2
  studies:
    deep: {shapes: []}
    stuck: {shapes: []}
    phases: {shapes: []}
    slow: {shapes: []}
    slow_level: {shapes: []}
    slow_ordered: {shapes: []}
    slow_phases: {shapes: []}
    middle: {shapes: []}
    middle_phases: {shapes: []}
    depth: {shapes: [[8, 2]]}
    pairs: {shapes: [[8, 3]]}
    small_pair: {shapes: []}
stability: {runs: 2}
"""
FEW_CONFIG = ("--configfile", "few.yaml")  # where FEW is in that file
OWN = "import torch\n\n\ndef twice(x):\n    return torch.tanh(2 * x)\n"


# What steps are spared that take long and that no key of the config changes.
SPARED = {
    "remarks": "--kcorr-activations tanh x_plus_half_tanh --contracting tanh --members 1 "
    "--not-odd relu",
    "supplement": "--with-prior-kernel relu tanh --depths 5 30",
    "depth_scales": "--lemma1-others relu",
    "input_scaling": "--inits swish-printed tanh-edge",
}


# Before the text of scripts/figures.py, which it spares: a white dot as PNG, for a minute less.
WHITE = """
import base64, re, sys
dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
from edgeofchaos.support.artifacts import write_bytes
print("versions: python")
for option, data in (("--pdf", b"%PDF-1.4"), ("--png", base64.b64decode(dot))):
    write_bytes(data, sys.argv[sys.argv.index(option) + 1])
sys.exit()
"""


def prepare(folder: Path) -> Path:
    """In a copy of the project: the config, the function of its own, short steps, white figures."""
    (folder / "few.yaml").write_text(FEW)
    (folder / "of_my_own.py").write_text(OWN)
    script = folder / "scripts/figures.py"
    script.write_text(WHITE + script.read_text(encoding="utf-8"), encoding="utf-8")
    for name, options in SPARED.items():
        script = folder / f"scripts/{name}.py"
        spared = f"import sys\n\nsys.argv += {options.split()}\nfrom edgeofchaos"
        text = script.read_text(encoding="utf-8").replace("from edgeofchaos", spared, 1)
        script.write_text(text, encoding="utf-8")
    return folder


def artifacts(folder: Path) -> set[str]:
    """The names of all that the workflow has made there, but for the manifest itself."""
    results = folder / "results"
    skipped = {"logs", "benchmarks", "README.md", "manifest.json", ".sha256", ".damaged"}
    return {
        path.relative_to(folder).as_posix()
        for path in results.rglob("*")
        if path.is_file() and path.relative_to(results).parts[0] not in skipped
    }
