"""The report page: its structure, escaping and links, and in Chromium its sorting and filters."""

import base64
import html
import json
import math
import re
import shutil
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import pytest
from places import ROOT

from edgeofchaos.claims.registry import CLAIMS as REGISTRY
from edgeofchaos.figures.catalogue import FIGURES, Figure
from edgeofchaos.report import VERDICTS, render
from edgeofchaos.report.numbers import prettier, shown
from edgeofchaos.support.json_text import json_text

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
HOSTILE = '<script>document.title="taken"</script> & <img src=x onerror=alert(1)> σ_b²'


def png(width, height):
    """A white image."""

    def chunk(kind, data):
        code = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + code

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def uri(data):
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def evidence(name, value, verdict, **more):
    entry = {
        "name": name, "measured": f"{value:.6g} +- 1e-13", "value": value, "error": 1e-13,
        "expected": "1", "tolerance": 1e-6, "role": "core", "verdict": verdict, "detail": "",
        "reading": None,
    }  # fmt: skip
    return {**entry, **more}


def claim(name, verdict, found, **more):
    first = found[0]
    entry = {
        "id": name, "section": "Edge of chaos", "kind": "T", "verdict": verdict,
        "statement": f"χ₁ = 1 at {name}.", "measured": first["measured"],
        "expected": first["expected"], "tolerance": first["tolerance"], "draws": 0,
        "evidence": list(found), "figure": [], "note": "", "deciding": first["name"],
        "detail": first["detail"], "readings": [], "steps": None, "lengths": [],
        "reference": None, "reseeded": None,
    }  # fmt: skip
    return {**entry, **more}


def reading(word, verdict, half, twice):
    return {
        "word": word, "number": 0.001, "says": "below 1e-05", "why": "a reason & more",
        "criteria": [word], "half": half, "twice": twice, "hangs": {half, twice} != {verdict},
    }  # fmt: skip


CLAIMS = [
    claim("alpha-one", "reproduced", [evidence("q", 10.5, "reproduced")], figure=["curves"]),
    claim(
        "beta-two",
        "inconclusive",
        [evidence("share", math.nan, "inconclusive", measured="not measured", expected="< 0.5",
                  detail="no table nets_paths")],
        kind="S",
    ),
    claim(
        "gamma-three",
        "refuted",
        [evidence("α at σ_b = 0.2", 1.098727812345679, "refuted", detail="worst: swish")],
        kind="T,S", statement=HOSTILE, note=HOSTILE, figure=["curves", "wide"],
    ),
    claim("delta-four", "qualified", [
        evidence("q", 9.25, "reproduced"),
        evidence("limit", 0.038, "refuted", role="scope", expected="< 0.01",
                 reading={"word": "tends to", "number": 0.01, "why": "a reason & more"}),
    ], readings=[
        reading("tends to", "qualified", "qualified", "reproduced"),
        reading("almost flat", "qualified", "qualified", "qualified"),
    ]),
    claim(
        "epsilon-five",
        "inconclusive",
        [evidence("error of Hard-Tanh's moments", -3.33333e-14, "inconclusive",
                  expected="< 1.23456e-10")],
        section="Gaussian-process limit", kind="T,S",
    ),
]  # fmt: skip
CATALOGUE = {
    "curves": Figure("Edge curves", "Edge", ("edge",), "σ_w against σ_b & <b>more</b>."),
    "wide": Figure("Two panels", "Edge", ("edge",), "Left and right."),
}
PICTURES = {"curves": uri(png(30, 20)), "wide": uri(png(60, 20))}
EDGE = [
    {
        "activation": name, "sigma_b": "0.20000000000000001", "q": q, "alpha": "1.098727812345679",
        "stable": stable, "reason": reason,
    }
    for name, q, stable, reason in (
        ("tanh", "0.51207850116379", "True", ""),
        ("tanh", "12.5", "True", ""),
        ("swish", "", "False", "F has a smaller fixed point 1e-05"),
        ("swish", "3", "False", ""),
    )
]  # fmt: skip
TABLES = {"edge": EDGE, "threshold": []}


def page(claims=CLAIMS, figures=PICTURES, tables=TABLES, catalogue=CATALOGUE):
    return render(claims, figures, tables, catalogue)


class Page(HTMLParser):
    """Elements with their attributes and text."""

    VOID = ("meta", "img", "input", "br", "link")

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", "inside": tuple(self.open), **dict(attributes)}
        self.elements.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1]["tag"] == tag, f"</{tag}> closes nothing"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        return [
            e
            for e in self.elements
            if e["tag"] == tag
            and all(e.get(k.strip("_").replace("_", "-")) == v for k, v in attributes.items())
        ]

    def rows(self):
        return [e for e in self.all("tr") if "data-claim" in e]

    def row(self, name):
        (found,) = (e for e in self.rows() if e["data-claim"] == name)
        return found

    def order(self):
        return [e["data-claim"] for e in self.rows()]


def words(element):
    return " ".join(element["text"].split())


def test_every_claim_has_a_row_and_a_section_with_its_verdict_in_words():
    dom = Page(page())
    assert dom.open == []
    assert dom.order() == [c["id"] for c in CLAIMS]
    for entry in CLAIMS:
        row = dom.row(entry["id"])
        (article,) = dom.all("article", id=f"claim-{entry['id']}")
        for part in (row, article):
            assert entry["verdict"] in words(part)
            assert entry["statement"] in part["text"]
            assert ("simulation" in words(part)) == ("S" in entry["kind"])
    counted = next(words(e) for e in dom.all("p", class_="counts"))
    assert counted == "5 claims: 1 refuted, 1 qualified, 2 inconclusive, 1 reproduced."


def test_the_claims_come_first():
    dom = Page(page())
    assert dom.all("section")[0]["id"] == "claims"
    assert dom.all("table")[0]["id"] == "claims-list"


def test_evidence_is_complete_with_full_digits_in_the_title():
    dom = Page(page())
    (article,) = dom.all("article", id="claim-gamma-three")
    text = words(article)
    assert "α at σ_b = 0.2" in text and "worst: swish" in text
    assert "1.09873 ± 10⁻¹³" in text and "Figure: curves" in text
    titles = [e.get("title") for e in dom.all("span", class_="number") if article in e["inside"]]
    assert "1.098727812345679 ± 1e-13" in titles
    (other,) = dom.all("article", id="claim-delta-four")
    assert "limit scope" in words(other)


def test_a_word_read_as_a_number_says_what_half_and_twice_would_give():
    dom = Page(page())
    (article,) = dom.all("article", id="claim-delta-four")
    hangs, other = (e for e in dom.all("li") if article in e["inside"] and "Read as" in e["text"])
    assert words(hangs) == (
        "Read as a number: “tends to” as below 10⁻⁵ (a reason & more); "
        "at half of that: qualified, at twice: ✓ reproduced."
    )
    assert hangs["class"] == "hangs" and "class" not in other
    (cell,) = (
        e for e in dom.all("td", data_label="Expected")
        if article in e["inside"] and "tends to" in e["text"]
    )  # fmt: skip
    assert words(cell) == "< 0.01“tends to”"
    assert "Read as" not in words(dom.all("article", id="claim-alpha-one")[0])


def test_the_verdicts_that_hang_on_a_reading_have_an_overview():
    dom = Page(page())
    (section,) = dom.all("section", id="readings")
    assert "1 of the 5 claims read a word so; " in words(section)
    assert "changes the verdict on 1 of them." in words(section)
    (table,) = dom.all("table", id="hanging")
    (row,) = (e for e in dom.all("tr") if table in e["inside"] and "delta-four" in e["text"])
    for part in ("“tends to”", "below 10⁻⁵", "a reason & more", "◐ qualified", "✓ reproduced"):
        assert part in words(row)
    assert "almost flat" not in words(table)
    assert "hangs on “tends to”" in words(dom.row("delta-four"))
    assert "hangs on" not in words(dom.row("alpha-one"))
    quiet = Page(page([{**CLAIMS[3], "readings": CLAIMS[3]["readings"][1:]}, CLAIMS[0], CLAIMS[2]]))
    assert "changes the verdict on none of them." in words(quiet.all("section", id="readings")[0])
    assert not quiet.all("table", id="hanging")


def test_beside_a_verdict_stands_that_of_the_reference_run_where_there_is_one():
    assert "Reference" not in Page(page()).all("table", id="claims-list")[0]["text"]
    others = [{"steps": 375, "verdict": "inconclusive", "reference": False}]
    known = {"reference": "qualified", "reseeded": {"qualified": 19, "refuted": 1}}
    trained = {**CLAIMS[0], **known, "kind": "M", "steps": 1500, "lengths": others}
    compared = "3 of 4 nets agree with the reference run."
    dom = Page(render([trained, *CLAIMS[1:]], PICTURES, TABLES, CATALOGUE, compared))
    cells = {
        row["data-claim"]: next(
            words(e) for e in dom.all("td", data_label="Reference") if row in e["inside"]
        )
        for row in dom.rows()
    }
    assert cells["alpha-one"] == "◐ qualified19/20, 1 refuted" and cells["beta-two"] == "–"
    (header,) = dom.all("header")
    assert compared in words(header)
    (article,) = dom.all("article", id="claim-alpha-one")
    assert (
        "Judged after 1,500 steps; at 375: inconclusive. In the reference run: ◐ qualified, and "
        "with other seeds 19/20, 1 refuted." in words(article)
    )
    assert "In the reference run" not in words(dom.all("article", id="claim-beta-two")[0])


def test_a_hostile_statement_stays_text():
    text = page()
    assert HOSTILE not in text
    assert html.escape("<script>document.title", quote=False) in text
    dom = Page(text)
    assert len(dom.all("script")) == 1
    assert all(e["src"].startswith("data:") for e in dom.all("img"))
    assert HOSTILE in dom.row("gamma-three")["text"]


def test_links_lead_somewhere_and_nothing_is_loaded_from_outside():
    text = page()
    dom = Page(text)
    ids = [e["id"] for e in dom.elements if "id" in e]
    assert len(ids) == len(set(ids))
    for element in dom.elements:
        if "href" in element:
            assert element["href"].removeprefix("#") in ids
            assert element["href"].startswith("#")
        assert element.get("src", "data:").startswith("data:")
    bare = re.sub(r'"data:[^"]*"|<script>.*?</script>', "", text, flags=re.S)
    assert not re.search(r"@import|url\(|//", bare)
    policies = [e for e in dom.all("meta") if e.get("http-equiv") == "Content-Security-Policy"]
    assert policies[0]["content"].startswith("default-src 'none'; img-src data:;")


def test_a_figure_is_embedded_once_with_its_caption_and_size():
    text = page()
    for name, image in PICTURES.items():
        assert text.count(image) == 1
        (figure,) = Page(text).all("figure", id=f"figure-{name}")
        assert CATALOGUE[name].caption in figure["text"]
    (wide,) = Page(text).all("img", id="image-wide")
    assert (wide["width"], wide["height"]) == ("60", "20")
    (curves,) = Page(text).all("figure", id="figure-curves")
    assert "Evidence for alpha-one, gamma-three." in words(curves)


def test_an_svg_is_embedded_as_an_image():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    dom = Page(page(figures={**PICTURES, "wide": svg}))
    (image,) = dom.all("img", id="image-wide")
    prefix = "data:image/svg+xml;base64,"
    assert base64.b64decode(image["src"].removeprefix(prefix)).decode() == svg
    assert len(dom.all("script")) == 1


def test_tables_show_symbols_and_sensible_digits():
    dom = Page(page())
    (edge,) = dom.all("table", id="edge")
    assert "σ_b" in edge["text"] and "0.512079" in edge["text"] and "10⁻⁵" in edge["text"]
    titles = [e.get("title") for e in dom.all("span", class_="number") if edge in e["inside"]]
    assert "0.2" in titles and "0.51207850116379" in titles
    (threshold,) = dom.all("section", id="threshold-table")
    assert "No rows." in threshold["text"]


def test_the_page_is_the_same_every_time():
    assert page() == page()
    assert not re.search(r"20[12]\d-\d\d-\d\d|/tmp/|/work/|/home/", page())


def test_every_figure_of_the_registry_has_a_caption():
    assert {f for c in REGISTRY for f in c.figures} <= set(FIGURES)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"verdict": "maybe"}, "claim 'alpha-one': verdict 'maybe'; allowed are refuted, "),
        ({"kind": "X"}, "claim 'alpha-one': kind 'X'; allowed are T, S, M"),
        ({"figure": ["lost"]}, "claim 'alpha-one': its figure 'lost' is not among the figures"),
        ({"id": "beta-two"}, "claim 'beta-two': the id occurs twice"),
        ({"id": "a b"}, "claim 'a b': letters, digits, - and _ are allowed in an id"),
        (
            {"evidence": [evidence("q", 1.0, "fine")]},
            "claim 'alpha-one': verdict 'fine'; allowed are ",
        ),
        (
            {"lengths": [{"steps": 375, "verdict": "late", "reference": True}]},
            "claim 'alpha-one': verdict 'late'; allowed are ",
        ),
        ({"reference": "so"}, "claim 'alpha-one': verdict 'so'; allowed are "),
        (
            {"readings": [reading("near", "reproduced", "reproduced", "perhaps")]},
            "claim 'alpha-one': verdict 'perhaps'; allowed are ",
        ),
    ],
)
def test_a_bad_claim_is_named(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        page([{**CLAIMS[0], **change}, *CLAIMS[1:]])


def test_a_missing_key_is_named():
    broken = {k: v for k, v in CLAIMS[0].items() if k != "note"}
    with pytest.raises(ValueError, match="claim 'alpha-one': the key 'note' is missing"):
        page([broken])


def test_bad_figures_and_tables_are_named():
    with pytest.raises(ValueError, match="'wide' has no caption"):
        page(catalogue={"curves": CATALOGUE["curves"]})
    with pytest.raises(ValueError, match="'wide' is not a PNG"):
        page(figures={**PICTURES, "wide": uri(b"GIF89a")})
    with pytest.raises(ValueError, match="'wide' starts with 'https"):
        page(figures={**PICTURES, "wide": "https://example.org/a.png"})
    with pytest.raises(ValueError, match="tables: 'other' is unknown; allowed are edge, threshold"):
        page(tables={"other": []})


@pytest.mark.parametrize(
    "value, text, full",
    [
        (1.098727812345679, "1.09873", "1.098727812345679"),
        ("0.050000000000000003", "0.05", "0.05"),
        (1e-6, "10⁻⁶", "1e-06"),
        (-2.5e-13, "−2.5\xa0×\xa010⁻¹³", "-2.5e-13"),
        (3, "3", "3"),
        ("", "–", ""),
        (None, "–", ""),
        ("nan", "not a number", ""),
        ("inf", "∞", ""),
        ("True", "yes", ""),
        (False, "no", ""),
        ("< 1e-12", "< 10⁻¹²", ""),
        ("ok", "ok", ""),
    ],
)
def test_numbers(value, text, full):
    assert (shown(value).text, shown(value).full) == (text, full)


def test_prose_keeps_its_hyphens():
    assert prettier("Hard-Tanh, q-2, F(q)-1, 2-d, sha1e5, -1 +- 3e-05") == (
        "Hard-Tanh, q-2, F(q)-1, 2-d, sha1e5, −1 ±\xa03\xa0×\xa010⁻⁵"
    )


def test_text_has_contrast():
    """WCAG AA: 4.5 for text, in the light scheme and the dark one."""
    style = (ROOT / "src/edgeofchaos/report/style.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style.split("@media")[0]))
    dark = {**light, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style.split("@media")[1]))}

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(a, b):
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert dark["paper"] != light["paper"]
    for colours in (light, dark):
        pairs = [(v, f"on-{v}") for v in VERDICTS]
        pairs += [(p, t) for p in ("paper", "panel") for t in ("ink", "soft", "link")]
        for ground, text in pairs:
            assert contrast(colours[ground], colours[text]) >= 4.5, (ground, text)


def test_the_script_writes_the_page_and_names_a_bad_file(tmp_path):
    (tmp_path / "claims.json").write_text(json_text(CLAIMS[1:2] + CLAIMS[4:]), encoding="utf-8")
    for name in FIGURES:
        (tmp_path / f"{name}.png").write_bytes(png(4, 4))
    for name in ("edge", "threshold"):
        (tmp_path / f"{name}.csv").write_text("activation,q\ntanh,0.5\n", encoding="utf-8")
    output = tmp_path / "report" / "index.html"
    command = [
        sys.executable, str(ROOT / "scripts/report.py"), "--claims", str(tmp_path / "claims.json"),
        "--figures", str(tmp_path), "--tables", str(tmp_path), "--output", str(output),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    written = output.read_text(encoding="utf-8")
    assert Page(written).order() == ["beta-two", "epsilon-five"]
    assert str(tmp_path) not in written

    (tmp_path / "claims.json").write_text("[", encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "claims.json: not JSON" in done.stderr and "Traceback" not in done.stderr
    assert output.read_text(encoding="utf-8") == written


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """The DOM after the script ran, for the page at a fragment or for any other page's text."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "index.html").write_text(page(), encoding="utf-8")
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ]  # fmt: skip

    def dump(fragment="", text=None):
        target = folder / "index.html"
        if text is not None:
            target = folder / "other.html"
            target.write_text(text, encoding="utf-8")
        profile = tmp_path_factory.mktemp("profile")
        url = target.as_uri() + ("#" + fragment if fragment else "")
        done = subprocess.run(
            [CHROMIUM, *flags, f"--user-data-dir={profile}", "--dump-dom", url],
            capture_output=True, text=True, timeout=120, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return Page(done.stdout)

    return dump


def sorting(dom):
    return [(words(e).split()[0], e["aria-sort"]) for e in dom.all("th") if "aria-sort" in e]


@needs_chromium
def test_in_the_browser_the_page_is_whole(browser):
    dom = browser()
    assert dom.order() == [c["id"] for c in CLAIMS]
    assert "js" in dom.all("html")[0]["class"], "the policy let the script run"
    assert words(dom.all("title")[0]) != "taken"
    assert {state for _, state in sorting(dom)} == {"none"}
    assert not [e for e in dom.rows() if "hidden" in e]
    thumbnails = [e for e in dom.all("img") if "id" not in e]
    assert len(thumbnails) == 3
    assert {e["src"] for e in thumbnails} == set(PICTURES.values())


@needs_chromium
def test_in_the_browser_the_table_sorts_by_verdict_and_by_number(browser):
    dom = browser("sort=verdict")
    verdicts = [e["data-verdict"] for e in dom.rows()]
    assert verdicts == ["refuted", "qualified", "inconclusive", "inconclusive", "reproduced"]
    assert dict(sorting(dom))["Verdict"] == "ascending"

    dom = browser("sort=-measured&edge.sort=q&edge.activation=swish")
    # 10.5 > 9.25 as numbers though not as words; what has no number stays last.
    assert dom.order() == ["alpha-one", "delta-four", "gamma-three", "epsilon-five", "beta-two"]
    (edge,) = dom.all("table", id="edge")
    rows = [e for e in dom.all("tr") if edge in e["inside"]][1:]
    assert [words(e).split()[0] for e in rows] == ["tanh", "swish", "tanh", "swish"]
    assert ["hidden" in e for e in rows] == [True, False, True, False]


@needs_chromium
def test_in_the_browser_filters_combine(browser):
    dom = browser("verdict=refuted,inconclusive&q=simulation%20NETS_paths")
    assert [e["data-claim"] for e in dom.rows() if "hidden" not in e] == ["beta-two"]
    assert words(dom.all("output")[0]) == "1 of 5 shown"
    pressed = [e["data-verdict"] for e in dom.all("button") if e.get("aria-pressed") == "true"]
    assert pressed == ["refuted", "inconclusive"]
    dom = browser("q=worst%20swish")  # only in the evidence
    assert [e["data-claim"] for e in dom.rows() if "hidden" not in e] == ["gamma-three"]


ACTIONS = """<body><iframe style="width:390px;height:800px"></iframe><pre id="out"></pre><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const d = frame.contentDocument, seen = {};
  const rows = () => [...d.querySelectorAll("tr[data-claim]")];
  const order = () => rows().map((r) => r.dataset.claim);
  const visible = () => rows().filter((r) => r.offsetHeight).length;
  const head = d.querySelector("#claims-list button[data-column=id]");
  seen.width = frame.contentWindow.innerWidth;
  seen.wide = [320, 390, 768, 800, 993, 1024, 1200, 1280].filter((width) => {
    frame.style.width = width + "px";
    return d.documentElement.scrollWidth > width;
  });
  frame.style.width = "390px";
  head.click(); seen.up = order(); seen.sorted = head.closest("th").getAttribute("aria-sort");
  head.click(); seen.down = order();
  head.click(); seen.paper = order();
  d.querySelector("button[data-verdict=refuted]").click(); seen.refuted = visible();
  d.querySelector("button[data-verdict=refuted]").click(); seen.all = visible();
  const search = d.getElementById("search");
  search.value = "gamma"; search.dispatchEvent(new Event("input")); seen.found = visible();
  document.getElementById("out").textContent = JSON.stringify(seen);
};
frame.srcdoc = SOURCE;
</script>"""


@needs_chromium
def test_in_the_browser_a_phone_can_read_and_click_it(browser):
    source = json.dumps(page()).replace("</", "<\\/")
    dom = browser(text=ACTIONS.replace("SOURCE", source))
    (out,) = dom.all("pre", id="out")
    seen = json.loads(out["text"])
    names = [c["id"] for c in CLAIMS]
    assert seen["width"] == 390
    assert seen["wide"] == [], "the page scrolls sideways at these widths"
    assert seen["up"] == sorted(names) and seen["sorted"] == "ascending"
    assert seen["down"] == sorted(names, reverse=True)
    assert seen["paper"] == names
    assert (seen["refuted"], seen["all"], seen["found"]) == (1, len(names), 1)
