"""Which nets' surfaces are drawn, and how their inputs are scaled."""

import numpy as np
import pytest
import yaml

from edgeofchaos.experiments import nets_surfaces as surfaces
from edgeofchaos.experiments.cases import AS_THEY_ARE, CASES, Case
from edgeofchaos.experiments.inits import PLACES
from edgeofchaos.experiments.nets_surfaces import grid, nets_surfaces, point_of
from edgeofchaos.experiments.printed import PRINTED
from edgeofchaos.simulation.scaling import PROTOCOLS
from edgeofchaos.support.config import FOLDER

BY_NAME = {case.name: case for case in CASES}
COMMON = {"seed": 3, "device": "cpu", "draws": 2, "side": 8}


def first_variances(case, monkeypatch, **more):
    """q^1 of the inputs that nets of a case are given."""
    seen = {}

    def spied(phi, sigma_b, sigma_w, inputs, *args, original=surfaces.propagate, **kwargs):
        seen["q"] = sigma_b**2 + sigma_w**2 * (inputs**2).mean(0).numpy()
        return original(phi, sigma_b, sigma_w, inputs, *args, **kwargs)

    monkeypatch.setattr(surfaces, "propagate", spied)
    tables = nets_surfaces(cases=[case], **COMMON, **more)
    return seen["q"], tables


def test_the_name_of_a_case_of_swish_says_its_place():
    assert len(BY_NAME) == len(CASES)
    for case in CASES:
        if case.activation == "swish":
            assert case.name.split("-")[1] == case.place in PLACES
            assert (case.depth, case.width) == (30, 100)
    points = {name: point_of(BY_NAME[f"swish-{name}-deep"]) for name in ("printed", "chi1")}
    assert (points["printed"].sigma_w, points["printed"].q) == (1.718, 0.44)
    assert points["chi1"].sigma_w == pytest.approx(1.67953160, abs=1e-8)


def test_every_input_starts_at_most_at_q(monkeypatch):
    q, tables = first_variances(BY_NAME["swish-printed-deep"], monkeypatch)
    assert q.max() == pytest.approx(0.44, rel=1e-12) and q.min() < 0.05
    assert {row["inputs"] for row in tables["nets_surfaces"]} == {"every"}


def test_the_other_protocols(monkeypatch):
    case = BY_NAME["swish-printed-deep"]
    q, _ = first_variances(case, monkeypatch, inputs="mean")
    assert q.mean() == pytest.approx(0.44, rel=1e-12)
    q, _ = first_variances(case, monkeypatch, inputs="root")
    squares = (grid(8) ** 2).mean(0).numpy()
    assert q == pytest.approx(0.04 + 1.718**2 * 0.44 * squares, rel=1e-12)


def test_a_case_that_names_its_protocol_keeps_it(monkeypatch):
    q, tables = first_variances(BY_NAME["swish-printed-deep-mean"], monkeypatch, inputs="every")
    assert q.mean() == pytest.approx(0.44, rel=1e-12)
    assert tables["nets_spread"][0]["inputs"] == "mean"
    q, tables = first_variances(BY_NAME["swish-printed-deep-plain"], monkeypatch)
    assert q.max() == pytest.approx(0.04 + 1.718**2 * 4, rel=1e-12)
    assert tables["nets_spread"][0]["inputs"] == AS_THEY_ARE


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_inputs_of_a_given_point_stay_as_they_are(protocol, monkeypatch):
    q, tables = first_variances(BY_NAME["relu-ordered"], monkeypatch, inputs=protocol)
    assert q.max() == pytest.approx(1 + 4, rel=1e-12)
    row = tables["nets_surfaces"][0]
    assert (row["place"], row["inputs"]) == ("given", AS_THEY_ARE)
    assert row["q"] == pytest.approx(2.0, rel=1e-9)  # F(x) = 1 + x/2


def test_the_surface_of_relu_on_its_edge_does_not_depend_on_the_scale():
    case = BY_NAME["relu-edge-deep"]
    found = [
        nets_surfaces(cases=[case], inputs=protocol, **COMMON)["nets_surfaces"][0]["spread"]
        for protocol in PROTOCOLS
    ]
    assert np.ptp(found) < 1e-9 * found[0]


def test_what_is_not_allowed_is_told():
    with pytest.raises(ValueError, match="inputs = 'most'; allowed are every, mean, root"):
        nets_surfaces(cases=[], inputs="most", **COMMON)
    with pytest.raises(ValueError, match="case lost: it has neither a place nor a sigma_w"):
        point_of(Case("lost", "relu", 10, 1.0))


def test_the_schema_allows_what_there_is():
    schema = yaml.safe_load((FOLDER / "schemas/config.schema.yaml").read_text(encoding="utf-8"))
    section = schema["properties"]["simulation"]["properties"]["surfaces"]
    assert section["properties"]["inputs"]["enum"] == list(PROTOCOLS)
    assert schema["$defs"]["printed_sigma_b"]["enum"] == [row.sigma_b for row in PRINTED]
