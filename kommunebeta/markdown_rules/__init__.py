"""The extensions of Markdown, one rule per file, put in order by ``kommunebeta.markdown``.

A rule is a callable that takes a parser and the base language of the page and hangs itself
into the parser. What a rule finds out about a body (references, headings, problems) goes into
the ``Gathered`` of that body, which travels in markdown-it's ``env``.
"""
