"""The blocks of code of the README, of CONTRIBUTING.md and of the site's pages."""

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from places import ROOT

DOCS = ROOT / "docs"
# A fence may stand in a list, indented.
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what the block of text right after it shows."""

    language: str
    text: str
    shown: str | None = None


def pages() -> list[Path]:
    """The pages whose code is run: all that are written by hand, in Markdown."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """How tests call a page."""
    return page.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    found = [*FENCE.finditer(text)]
    result = []
    for i, match in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        shown = None
        if after and after[2] == "text" and not text[match.end() : after.start()].strip():
            shown = _dedented(after)
        result.append(Block(match[2].strip(), _dedented(match), shown))
    return result


def write_modules(page: list[Block], folder: Path) -> None:
    """Write the blocks that begin with ``# name.py`` to those files, for others to import."""
    for block in page:
        if file := re.match(r"# (\w+\.py)$", block.text, re.MULTILINE):
            (folder / file[1]).write_text(block.text, encoding="utf-8")


def run(page: list[Block]) -> list[tuple[str, str]]:
    """Run a page's blocks of Python one after the other, in the current folder.

    Returns:
        What each block printed, and what the page shows of it (where it shows nothing, the same).
    """
    space: dict = {"__name__": "page"}
    write_modules(page, Path())
    compared = []
    for block in page:
        if block.language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block.text, "page", "exec"), space)
        said = printed.getvalue()
        compared.append((said, said if block.shown is None else block.shown))
    return compared


def commands(page: list[Block]) -> list[str]:
    """The commands of a page's blocks of shell, continued lines joined and comments dropped."""
    lines = []
    for block in page:
        if block.language == "bash":
            joined = re.sub(r" *\\\n\s*", " ", block.text)
            lines += [re.sub(r"\s+# .*$", "", line).strip() for line in joined.splitlines()]
    return [line for line in lines if line]


def _dedented(match: re.Match) -> str:
    return re.sub(rf"^{match[1]}", "", match[3], flags=re.MULTILINE)
