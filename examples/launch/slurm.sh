#!/bin/bash
# sbatch examples/launch/slurm.sh: an experiment as an array of Slurm. Each task trains its share of the runs.
# Further options of the experiment may follow. To repeat what failed, submit it again: finished runs are kept.
#SBATCH --job-name=mean-teacher
#SBATCH --array=0-5
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@120
#SBATCH --output=experiment-%A-%a.log
# On nodes with GPUs: #SBATCH --gpus-per-task=1

export LP_NUM_THREADS=$SLURM_CPUS_PER_TASK # Without a GPU: the task's cores.
exec srun deno run -A cli/experiment.ts --preset mnist-100,mnist-100-pi --seeds 1,2,3 --output runs/slurm "$@"
