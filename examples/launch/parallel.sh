#!/bin/sh
# sh examples/launch/parallel.sh: an experiment by GNU parallel, here in six shards on this computer, two at a time.
# With --sshlogin and a shared folder the shards run on several. Further options of the experiment may follow.
export LP_NUM_THREADS=1 # Without a GPU: one core for each shard.
exec parallel --jobs 2 --line-buffer --tag \
  deno run -A cli/experiment.ts --preset mnist-100,mnist-100-pi --seeds 1,2,3 --output runs/parallel --shard {}/6 "$@" \
  ::: 0 1 2 3 4 5
