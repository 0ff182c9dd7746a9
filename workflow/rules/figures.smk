# Figures, each drawn from the tables that the catalogue names.
use rule step as figure with:
    input:
        **program("figures"),
        tables=lambda w: [file_of(table) for table in FIGURES[w.figure].tables],
        reference=lambda w: reference(*(f"{name}.csv" for name in FIGURES[w.figure].reference)),
    output:
        pdf="results/figures/{figure}.pdf",
        png=report(
            "results/figures/{figure}.png",
            caption="../report/figure.rst",
            category=lambda w: FIGURES[w.figure].category,
            labels=lambda w: {"figure": FIGURES[w.figure].title},
        ),
    pathvars:
        job="figure/{figure}",
    params:
        options=lambda w, input: [
            *("--figure", w.figure),
            *("--tables", *input.tables, *input.reference),
        ],
        caption=lambda w: FIGURES[w.figure].caption,
    message:
        "{rule} {wildcards.figure}"


rule figures:
    input:
        expand(rules.figure.output, figure=DRAWN),
    message:
        f"{{rule}}: they are in {RESULTS}/figures"
