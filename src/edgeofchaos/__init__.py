"""Mean-field theory of deep random networks and their edge of chaos.

    import edgeofchaos as eoc
    point = eoc.edge_point("tanh", sigma_b=0.2)
    eoc.init_(model, point)

Names load on first use, so that importing the package alone does not import torch.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "activations": ("Activation", "activation", "names"),
    "theory.conditions": ("Condition", "check_conditions"),
    "theory.constants": ("contraction_constant", "correlation_constant"),
    "theory.correlation": ("CorrelationMap", "correlation_map"),
    "theory.edge": ("EdgePoint", "NoEdge", "edge_curve", "edge_point"),
    "theory.identity": (
        "identity_distance",
        "identity_distance_at_zero",
        "identity_distance_limit",
    ),
    "theory.stability": ("LimitingPhases", "limiting_phases", "stability_threshold"),
    "practice.init": ("init_",),
    "practice.kernels": ("Kernel", "kernel", "kernel_diagonal", "kernel_path"),
    "practice.gp": ("KernelClassifier", "KernelRegression"),
    "practice.profile": ("profile",),
    "practice.result": ("Profile", "ProfileRow"),
    "theory.depth_scales": ("depth_scales",),
    "theory.variance": ("VarianceMap", "variance_map"),
    "practice.advice": ("Reason", "Recommendation"),
    "practice.ranking": ("Ranking", "rank_activations"),
    "practice.recommend": ("recommend",),
    "theory.rates": ("edge_rate",),
    "theory.recursion": ("complement_trajectory", "pair_trajectory"),
}
_WHERE = {name: module for module, group in _HOMES.items() for name in group}
__all__ = sorted(_WHERE)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'edgeofchaos' has no attribute {name!r}")
    return getattr(import_module(f"edgeofchaos.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
