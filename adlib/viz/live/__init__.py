"""The front end of explorers whose picture is made of elements: files of JavaScript and CSS, and what feeds them.

`explorer` says how to write one; `source` joins the files for a notebook or a page; `graph` and `formulas` write
graphs and formulas as SVG and HTML.
"""
