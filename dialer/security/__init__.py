"""Adapter for encryption, keyed indexes and password hashing."""
