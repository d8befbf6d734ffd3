import { Command } from 'commander';
import { addClusterCommands } from '../plugin.ts';
import { runProgram } from '../run.ts';
import type { StateFlags } from '../up/down.ts';
import { useSmallHeap } from '../up/small-heap.ts';
import type { UpFlags } from '../up/up.ts';

const program = new Command('matriarch').description('PostgreSQL on Kubernetes, and on one machine without it.');

program
  .command('up')
  .description('start an embedded Kubernetes, the operator and an example cluster')
  .option('--bare', 'without the example cluster', false)
  .option('--detach', 'in the background; returns when everything is up', false)
  .option('--state <dir>', 'where everything is kept (default: .matriarch in the installation, or $MATRIARCH_STATE)')
  .option('--nodes <count>', 'number of virtual nodes, in three zones', '4')
  .option('--port <port>', 'port of the API server (default: 6443, or the next free one)')
  .action(async (flags: UpFlags) => {
    if (flags.detach) return (await import('../up/detach.ts')).upDetached(flags);
    useSmallHeap();
    return (await import('../up/up.ts')).up(flags);
  });

const stateOption = ['--state <dir>', 'state directory, as for up'] as const;

program
  .command('down')
  .description('stop what runs; data stay')
  .option(...stateOption)
  .action(async (flags: StateFlags) => (await import('../up/down.ts')).down(flags));

program
  .command('reset')
  .description('remove a state directory with all its databases and backups')
  .option(...stateOption)
  .option('--yes', 'do it', false)
  .action(async (flags: StateFlags & { yes: boolean }) => (await import('../up/down.ts')).reset(flags));

program
  .command('s3-env')
  .description('print shell exports that reach the embedded object store')
  .option(...stateOption)
  .action(async (flags: StateFlags) => (await import('../up/s3-env.ts')).s3Environment(flags));

addClusterCommands(program);
await runProgram(program, process.argv);
