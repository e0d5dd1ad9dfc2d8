"""Adapter to PostgreSQL."""
