"""Adapter for HTTP and WebSocket."""
