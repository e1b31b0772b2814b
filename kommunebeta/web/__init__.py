"""How strangers' servers are asked: over the public net alone, before a deadline, a few at a time.

What a server is asked for, and what is made of its answer, is the business of those who ask: of
``embeds`` and of ``check``.
"""
