"""Adapter for files: lists in, results out."""
