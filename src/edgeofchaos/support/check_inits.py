"""Tell in one line which initialisation has no point; nothing if each has one."""

from edgeofchaos.support.program import parser, run


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--inits", nargs="+", required=True, help="their names")
    arguments.add_argument("--sigma-b", type=float, required=True, help="where a name has none")
    args = arguments.parse_args()

    from edgeofchaos.experiments.inits import parse
    from edgeofchaos.experiments.points import of_init

    for name in args.inits:
        try:
            of_init(parse(name), args.sigma_b)
        except ValueError as error:
            raise ValueError(f"{name!r}; {error}") from None


if __name__ == "__main__":
    run(main)
