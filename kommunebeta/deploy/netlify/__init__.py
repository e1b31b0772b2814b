"""Netlify, by its interface for digests."""
