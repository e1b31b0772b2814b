"""Kommunebeta: a static site generator for a municipality's beta blog."""

__version__ = "0.1.0"
