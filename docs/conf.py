"""How the site is made: `make docs`, with Sphinx, from the pages here and the docstrings."""

import inspect
import re
from importlib.metadata import version as installed

from pygments.lexers.python import PythonLexer

project = "edgeofchaos"
release = version = installed("edgeofchaos")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = []
# Formulas are set in Unicode, indented; they are no code of any language.
highlight_language = "text"
smartquotes_action = "D"  # dashes alone: φ' is a derivative
templates_path = []

myst_heading_anchors = 4
autosummary_generate = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    # Of scikit-learn, for its own routing.
    "exclude-members": "set_fit_request, set_predict_request, set_score_request",
}
autodoc_preserve_defaults = True
autodoc_type_aliases = {"ArrayLike": "ArrayLike", "FloatArray": "FloatArray"}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_attr_annotations = False
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
# Types of other projects: their pages are not asked for at build, so they are no links.
nitpick_ignore_regex = [
    ("py:.*", r"(np|numpy|torch|nn)\..*"),
    ("py:class", r"NDArray|ArrayLike|Module|PathLike|Sequence|Iterable|Mapping|Callable|Any"),
    ("py:class", r"NoneType|Figure"),
    ("py:class", r"FloatArray|TorchFunction"),  # names for types, in the source
]

html_theme = "furo"
html_title = "edgeofchaos"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    # The font of the reader's system, from no server; these have the Greek and the superscripts.
    "light_css_variables": {
        "font-stack": "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        "font-stack--monospace": "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
    },
}


class _AsWritten(str):
    """An annotation as the source has it; what Sphinx makes of ``ArrayLike`` fills lines."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def _as_written(annotation):
    return _AsWritten(annotation) if isinstance(annotation, str) else annotation


def _signature(app, what, name, obj, options, signature, annotation):
    """The arguments and the result, with their types as they stand in the source."""
    if what not in ("function", "method", "class") or signature is None:
        return None
    found = inspect.signature(obj)
    drop = what == "method"  # self
    arguments = [
        p.replace(annotation=_as_written(p.annotation)) for p in found.parameters.values()
    ][drop:]
    returned = "" if what == "class" else _as_written(found.return_annotation)
    return str(inspect.Signature(arguments)), returned or None


def _formulas(app, what, name, obj, options, lines):
    """Set what is indented as a formula, and let |x| be an absolute value elsewhere."""
    written, prose = [], True
    for line in lines:
        prose = prose and not line.startswith((":", ".."))  # fields and examples come last
        formula = prose and line.startswith("    ")
        if formula and not (written and (written[-1].startswith("    ") or written[-1] == "::")):
            written += ["::", ""]
        if formula or line.lstrip().startswith((">>>", "...")):
            written.append(line)
        else:
            parts = re.split(r"(``.*?``)", line)
            written.append("".join(p if p[:2] == "``" else p.replace("|", r"\|") for p in parts))
    lines[:] = written


def setup(app):
    """What Sphinx calls."""
    app.add_lexer("snakemake", PythonLexer)
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _formulas, priority=900)
