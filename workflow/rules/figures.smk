# Figures, each drawn from the tables that the catalogue names.
use rule step as figure with:
    input:
        **program("figures"),
        tables=lambda w: [file_of(table) for table in FIGURES[w.figure].tables],
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
        options=lambda w, input: ["--figure", w.figure, "--tables", *input.tables],
        caption=lambda w: FIGURES[w.figure].caption,
    message:
        "{rule} {wildcards.figure}"


rule figures:
    input:
        expand(rules.figure.output, figure=DRAWN),
    message:
        "{rule}: they are in results/figures"
