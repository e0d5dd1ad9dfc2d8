"""What the use cases need from the outside world: small Protocols, one file a concern."""
