"""Sealed personal data, keyed indexes, password and token hashes."""
