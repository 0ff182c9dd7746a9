"""The subcommands of ``edgeofchaos``, a module a group of them; none is heavy to import."""

PROGRAM = "edgeofchaos"
