"""The site is built without a warning and without network, and has every public name."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from pages import ROOT, pages

import edgeofchaos as eoc


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    call = ("-m", "sphinx", "--fail-on-warning", "--nitpicky", "--keep-going", "--quiet")
    done = subprocess.run(
        [sys.executable, *call, "docs", str(folder)],
        cwd=ROOT,
        # Where there is a way out, a proxy that does not answer closes it.
        env={**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Links(HTMLParser):
    """What a page links to and loads, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.to, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found["id"]} if found.get("id") else set()
        if tag == "a" and found.get("href"):
            self.to.append(found["href"])
        loads = tag in ("script", "img", "iframe") and found.get("src")
        if loads or (tag == "link" and found.get("rel") != "canonical"):
            self.loaded.append(found.get("src") or found["href"])


@pytest.fixture(scope="module")
def read(site):
    return {page: Links(page.read_text(encoding="utf-8")) for page in sorted(site.rglob("*.html"))}


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site):
    text = "\n".join(p.read_text(encoding="utf-8") for p in (site / "reference").glob("*.html"))
    anchors = set(re.findall(r'id="edgeofchaos\.(\w+)"', text))
    assert set(eoc.__all__) <= anchors


def test_every_public_name_is_in_the_overview():
    listed = (ROOT / "docs/reference/index.rst").read_text(encoding="utf-8").split()
    assert not set(eoc.__all__) - set(listed)


@pytest.mark.slow
def test_a_page_loads_nothing_from_elsewhere(read, site):
    loaded = [(page.name, url) for page, links in read.items() for url in links.loaded]
    assert len(loaded) > 20
    assert not [entry for entry in loaded if urlsplit(entry[1]).netloc]
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles and not [s for s in styles if re.search(r"(?:url\(|@import)\W*https?:", s)]


@pytest.mark.slow
def test_every_link_within_the_site_leads_somewhere(read, site):
    lost = []
    for page, links in read.items():
        for link in links.to:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            there = target in read and (
                not parts.fragment or unquote(parts.fragment) in read[target].anchors
            )
            if not (there or (target.is_file() and target not in read)):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert not lost


SOURCES = [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "results/README.md"]


@pytest.mark.parametrize("page", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_of_a_source_leads_to_a_file(page):
    """So that they work where the repository is read, too."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    files = [link.partition("#")[0] for link in links if not urlsplit(link).scheme]
    assert not [file for file in files if file and not (page.parent / file).exists()]
