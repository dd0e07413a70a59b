/**
 * Exit codes of all commands.
 * @module
 */

/** Meaning of every exit code; the docs list them. */
export const exitCodes = {
  finished: {
    code: 0,
    meaning: "finished; a signal is the usual end of label, serve, dashboard and predict --watch",
  },
  failed: { code: 1, meaning: "failed; the reason is on stderr" },
  incomplete: { code: 2, meaning: "finished, but some files could not be read and were left out (predict)" },
  hungUp: {
    code: 129,
    meaning: "the terminal was closed (SIGHUP); train and experiment save a checkpoint first",
  },
  interrupted: { code: 130, meaning: "interrupted (Ctrl-C); train and experiment save a checkpoint first" },
  terminated: { code: 143, meaning: "terminated (SIGTERM); train and experiment save a checkpoint first" },
} as const;
