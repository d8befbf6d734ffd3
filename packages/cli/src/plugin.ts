import { type Command, Option } from 'commander';
import type { BackupFlags } from './commands/backup.ts';
import type { LogsFlags } from './commands/logs.ts';
import type { PsqlFlags } from './commands/psql.ts';
import type { StatusFlags } from './commands/status.ts';
import { addConnectionFlags, type ConnectionFlags } from './connection.ts';

const count = (_: string, before: number) => before + 1;
const colour = () =>
  new Option('--color <when>', 'colour the output').choices(['always', 'auto', 'never']).default('auto');

/**
 * The commands that work on a cluster; the plugin and `matriarch` share them. Each loads its code when it runs: most
 * of a command's time would otherwise go into reading the others.
 */
export function addClusterCommands(program: Command): void {
  addStatus(program);
  addPsql(program);
  addPromote(program);
  addRestart(program);
  addFencing(program);
  addBackup(program);
  addLogs(program);
  program
    .command('version')
    .description('print the version')
    .action(async () => (await import('./commands/version.ts')).version());
}

function addStatus(program: Command): void {
  addConnectionFlags(program.command('status [cluster]'))
    .description('show the state of a cluster')
    .option('-v, --verbose', 'show more; twice shows everything', count, 0)
    .addOption(new Option('-o, --output <format>', 'text, json or yaml').default('text'))
    .option('-t, --timeout <duration>', 'limit for commands run inside the primary pod', '10s')
    .addOption(colour())
    .action(async (cluster: string | undefined, flags: StatusFlags, command: Command) => {
      if (cluster === undefined) return command.help();
      return (await import('./commands/status.ts')).status(cluster, flags);
    });
}

function addPsql(program: Command): void {
  addConnectionFlags(program.command('psql <cluster> [args...]'))
    .description('run psql in the primary pod of a cluster; arguments for psql follow after --')
    .option('--replica', 'run it in the pod of a replica', false)
    .option('-t, --tty [yes]', 'attach a terminal', yes, true)
    .option('-i, --stdin [yes]', 'pass standard input', yes, true)
    .action(async (cluster: string, args: string[], flags: PsqlFlags) =>
      (await import('./commands/psql.ts')).psql(cluster, args, flags),
    );
}

/** Value of an option that is on unless told otherwise; kubectl's users write `-t=false` too. */
const yes = (text: string) => text !== 'false' && text !== '=false';

function addPromote(program: Command): void {
  addConnectionFlags(program.command('promote [cluster] [instance]'))
    .description('make an instance the primary')
    .action(
      async (cluster: string | undefined, instance: string | undefined, flags: ConnectionFlags, command: Command) => {
        if (cluster === undefined || instance === undefined) return command.help();
        return (await import('./commands/promote.ts')).promote(cluster, instance, flags);
      },
    );
}

function addRestart(program: Command): void {
  addConnectionFlags(program.command('restart <cluster> [instance]'))
    .description('restart all instances of a cluster one after another, or one of them')
    .action(async (cluster: string, instance: string | undefined, flags: ConnectionFlags) =>
      (await import('./commands/restart.ts')).restart(cluster, instance, flags),
    );
}

function addFencing(program: Command): void {
  const group = program.command('fencing').description('stop the PostgreSQL of instances').allowExcessArguments();
  group.action(() => group.help());
  const verbs = [
    ['on', 'stop the PostgreSQL of an instance, of all with *, and keep it stopped'],
    ['off', 'let it start again'],
  ] as const;
  for (const [verb, description] of verbs) {
    addConnectionFlags(group.command(`${verb} [cluster] [instance]`))
      .description(description)
      .action(
        async (cluster: string | undefined, instance: string | undefined, flags: ConnectionFlags, command: Command) => {
          if (cluster === undefined || instance === undefined) return command.help();
          return (await import('./commands/fencing.ts')).fencing(verb, cluster, instance, flags);
        },
      );
  }
}

function addBackup(program: Command): void {
  addConnectionFlags(program.command('backup [cluster]'))
    .description('take a backup of a cluster')
    .option('--backup-name <name>', 'name of the Backup')
    .option('-t, --backup-target <target>', 'primary or prefer-standby', '')
    .option('-m, --method <method>', 'barmanObjectStore, volumeSnapshot or plugin', '')
    .option('--online <boolean>', 'whether the instance stays up, for volumeSnapshot', '')
    .option('--immediate-checkpoint <boolean>', 'whether the first checkpoint is made at full speed', '')
    .option('--wait-for-archive <boolean>', 'whether to wait until the last WAL is archived', '')
    .option('--plugin-name <name>', 'plugin that takes the backup', '')
    .option('--plugin-parameters <list>', 'its parameters, key=value separated by commas', '')
    .option('--dry-run', 'print the Backup, create nothing', false)
    .action(async (cluster: string | undefined, flags: BackupFlags, command: Command) => {
      if (cluster === undefined) return command.help();
      return (await import('./commands/backup.ts')).backup(cluster, flags);
    });
}

function addLogs(program: Command): void {
  const logs = program.command('logs').description('logs of a cluster').allowExcessArguments();
  logs.action(() => logs.help());
  addConnectionFlags(logs.command('cluster [cluster]'))
    .description('log lines of all containers of a cluster')
    .option('-f, --follow', 'go on with new lines', false)
    .option('-o, --output <file>', 'write to a file')
    .option('--tail <lines>', 'only the last lines of each container; negative: all', '-1')
    .option('-t, --timestamps', 'begin now, each line with its time', false)
    .action(async (cluster: string | undefined, flags: LogsFlags, command: Command) => {
      if (cluster === undefined) return command.help();
      return (await import('./commands/logs.ts')).logsCluster(cluster, flags);
    });
}
