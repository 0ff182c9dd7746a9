"""Write what docs/ and the README show of the results: claims, words, numbers, figures."""

import json
import shutil
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes, write_text
from edgeofchaos.support.program import as_expected, parser, run
from edgeofchaos.support.tables import read_rows


def main() -> None:
    from edgeofchaos.claims.words import readings
    from edgeofchaos.figures.catalogue import FIGURES
    from edgeofchaos.report import beside
    from edgeofchaos.report.markdown import (
        gallery,
        statements,
        with_numbers,
        with_summary,
        with_words,
    )

    arguments = parser(__doc__)
    arguments.add_argument("--results", type=Path, default=Path("results"), help="what to show")
    arguments.add_argument("--docs", type=Path, default=Path("docs"), help="where it goes")
    arguments.add_argument("--readme", type=Path, default=Path("README.md"), help="gets the counts")
    arguments.add_argument(
        "--reference", type=Path, default=Path("resources/reference"), help="the reference run"
    )
    args = arguments.parse_args()

    claims = json.loads(read_bytes(args.results / "claims" / "claims.json"))
    agreement, about = args.results / "claims" / "agreement.csv", args.reference / "about.yaml"
    compared, bars = "", args.reference / "bars.csv"
    # Where the reference was taken away, the agreement with it is still there.
    if agreement.is_file() and about.is_file():
        with as_expected(f"{agreement} or {about}"):
            compared = beside.agreement(read_rows(agreement), read_bytes(about))
    moved = read_rows(bars) if bars.is_file() else []
    explained = args.docs / "explanation"
    changes = (
        ("--readme", args.readme, lambda text: with_summary(text, claims, compared)),
        ("--docs", explained / "verdicts.md", lambda text: with_words(text, readings())),
        ("--docs", explained / "numbers.md", lambda text: with_numbers(text, claims, moved)),
    )
    texts = {}
    for option, path, change in changes:
        try:
            with as_expected(f"{args.results / 'claims'} or {bars}"):
                texts[path] = change(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{option} {path}: {error}") from error

    pictures = {name: read_bytes(args.results / "figures" / f"{name}.png") for name in FIGURES}
    # All is read before the first is written.
    shutil.rmtree(args.docs / "figures", ignore_errors=True)
    for name, picture in pictures.items():
        write_bytes(picture, args.docs / "figures" / f"{name}.png")
    write_text(gallery(FIGURES), args.docs / "gallery.md")
    write_text(statements(claims), args.docs / "claims.md")
    for path, text in texts.items():
        write_text(text, path)


if __name__ == "__main__":
    run(main)
