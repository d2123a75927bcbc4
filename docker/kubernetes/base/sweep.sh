#!/bin/bash
# The job of the head: `gst sweep $SWEEP`, once a worker is there, because gst refuses a cluster without CPUs.
set -eu
echo $$ >/tmp/sweep.pid
python3 - <<'END'
import time

import ray

ray.init("auto", log_to_driver=False, logging_level="ERROR")
while not any(node["Alive"] and node["Resources"].get("CPU") for node in ray.nodes()):
    print("waiting for a worker", flush=True)
    time.sleep(5)
END
# shellcheck disable=SC2086 # several words
exec gst sweep $SWEEP --address auto
