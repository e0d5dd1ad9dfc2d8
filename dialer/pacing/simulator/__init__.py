"""A seeded call centre in which pacing is tried: discrete events, the same residents for every policy."""
