"""The faults of a site, found before its readers find them: in what was built and in its content.

``run`` is the table of contents. A check is a function from a page, a file or the whole site to
``Fault``s; ``checks`` lists them all, ``rules`` their codes; ``locate`` leads from a fault to the line of
the source that a writer can mend.
"""
