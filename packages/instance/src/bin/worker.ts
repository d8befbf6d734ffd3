/** Entry of the worker process; it is started by the manager and speaks with it over the channel between them. */
import { runWorker } from '../worker/run.ts';

runWorker(
  (message) => {
    if (process.connected) process.send?.(message);
  },
  (handler) => process.on('message', handler),
).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
