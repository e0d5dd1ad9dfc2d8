"""Outbound contact service for public-service outreach."""

__version__ = "0.1.0"
