"""The paper's claims, one file a topic: statement, criteria and the readers of their numbers.

``model`` says what a claim is, ``judge`` turns measurements into verdicts, ``reading`` finds rows
in tables, ``registry`` lists the claims, and ``entries`` judges all of them on a set of tables.
To add a claim, add a ``Claim`` to the tuple of its topic's file.
"""
