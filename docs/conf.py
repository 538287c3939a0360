"""How Sphinx builds the manual."""

project = "monespace-flows"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "monespace-flows"
myst_heading_anchors = 3
# Mermaid blocks are shown as text: the manual loads nothing from elsewhere.
suppress_warnings = ["misc.highlighting_failure", "myst.xref_missing"]
