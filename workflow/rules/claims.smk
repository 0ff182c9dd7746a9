# Every claim of the paper, judged on the tables.
use rule step as claims with:
    input:
        **program("claims"),
        tables=[
            table
            for table in [*rules.theory.input, *rules.simulation.input, *rules.training.input]
            if table.endswith(".csv")
        ],
        reference=reference("train_curves.csv", "verdicts.csv", "stability.csv"),
    output:
        **({"agreement": "results/claims/agreement.csv"} if REFERRED else {}),
        csv=report(
            "results/claims/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"what": "verdict on every claim"},
        ),
        json="results/claims/claims.json",
    pathvars:
        job="claims",
    params:
        options=lambda w, input: [
            *("--tables", *input.tables),
            *("--reference", *input.reference),
        ],
    message:
        "{rule}: every claim judged"
