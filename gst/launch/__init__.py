"""From a sweep to trials: what would run, one run on one machine, in this process or through Ray Tune."""
