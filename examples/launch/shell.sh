#!/bin/sh
# sh examples/launch/shell.sh: an experiment on one computer, two runs at a time.
# Further options of the experiment may follow. To repeat what failed, start it again: finished runs are kept.
exec deno run -A cli/experiment.ts --preset mnist-100,mnist-100-pi --seeds 1,2,3 --output runs/shell --jobs 2 "$@"
