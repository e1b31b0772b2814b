"""A built site → a place on the web, without a moment at which a page lacks its style sheet.

``run`` is the table of contents: build, check, look at what lies there, plan, send, verify. A kind of target
is one module (``folder``, ``ssh``, ``object_store``, ``git``, ``netlify``); ``kinds`` knows them all, and
those that other packages register. Changes are told by digest, never by time.
"""
