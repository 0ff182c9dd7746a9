"""Write what docs/ and the README show of the results: claims, words, the gallery, its figures."""

import json
import shutil
from pathlib import Path

from edgeofchaos.support.artifacts import read_bytes, write_bytes, write_text
from edgeofchaos.support.program import parser, run


def main() -> None:
    from edgeofchaos.claims.words import readings
    from edgeofchaos.figures.catalogue import FIGURES
    from edgeofchaos.report.markdown import gallery, statements, with_summary, with_words

    arguments = parser(__doc__)
    arguments.add_argument("--results", type=Path, default=Path("results"), help="what to show")
    arguments.add_argument("--docs", type=Path, default=Path("docs"), help="where it goes")
    arguments.add_argument("--readme", type=Path, default=Path("README.md"), help="gets the table")
    args = arguments.parse_args()

    claims = json.loads(read_bytes(args.results / "claims" / "claims.json"))
    try:
        readme = with_summary(args.readme.read_text(encoding="utf-8"), claims)
    except ValueError as error:
        raise ValueError(f"--readme {args.readme}: {error}") from error
    guide = args.docs / "guide.md"
    try:
        told = with_words(guide.read_text(encoding="utf-8"), readings())
    except ValueError as error:
        raise ValueError(f"--docs {guide}: {error}") from error

    shutil.rmtree(args.docs / "figures", ignore_errors=True)
    for name in FIGURES:
        picture = read_bytes(args.results / "figures" / f"{name}.png")
        write_bytes(picture, args.docs / "figures" / f"{name}.png")
    write_text(gallery(FIGURES), args.docs / "gallery.md")
    write_text(statements(claims), args.docs / "claims.md")
    write_text(told, guide)
    write_text(readme, args.readme)


if __name__ == "__main__":
    run(main)
