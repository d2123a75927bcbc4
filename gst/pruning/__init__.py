"""The pruning core: score, select, take; schedules are in gst.config."""
