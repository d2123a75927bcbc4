"""Statistics over runs: arrays in, small NamedTuples out."""
