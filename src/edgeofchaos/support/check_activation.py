"""Tell in one line what is wrong with an activation; nothing if it can be used."""

from edgeofchaos.support.program import activation_from, add_activation_arguments, parser, run


def main() -> None:
    arguments = parser(__doc__)
    add_activation_arguments(arguments)
    activation_from(arguments.parse_args())


if __name__ == "__main__":
    run(main)
