"""Couriers: how results and lists travel to and from clients' own systems."""
