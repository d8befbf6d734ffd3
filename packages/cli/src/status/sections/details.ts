import { labels } from '@matriarch/api';
import { formatTime, parseTime } from '../../output/go-time.ts';
import { alignRows, table } from '../../output/table.ts';
import { conditionOf, type StatusView } from '../model.ts';

/** Hibernation; absent without its condition. */
export function hibernationSection({ cluster, paint, isHibernated }: StatusView): string | undefined {
  const condition = conditionOf(cluster, 'cnpg.io/hibernation');
  if (condition === undefined) return undefined;
  const time = parseTime(condition.lastTransitionTime);
  return `${paint('green', 'Hibernation')}\n${alignRows([
    ['Status', isHibernated ? 'Hibernated' : 'Active'],
    ['Message', condition.message],
    ['Time', time === undefined ? condition.lastTransitionTime : formatTime(time)],
  ])}`;
}

/** PostgreSQL Configuration and HBA Rules, as the primary runs with them. */
export function configurationSection({ files, paint }: StatusView): string | undefined {
  if (files === undefined) return undefined;
  return `${paint('green', 'PostgreSQL Configuration')}\n${files.configuration}\n\n${paint('green', 'PostgreSQL HBA Rules')}\n${files.hba}\n`;
}

/** Physical backups: replicas that are copying their data directory. */
export function physicalBackupsSection({ primary, paint, verbosity }: StatusView): string | undefined {
  const title = 'Physical backups';
  if (primary === undefined) return `${paint('red', title)}\n${paint('red', 'Primary instance not found')}\n`;
  const running = primary.pgStatBasebackupsInfo ?? [];
  if (running.length === 0) {
    if (verbosity === 0) return undefined;
    return `${paint('green', title)}\n${paint('yellow', 'No running physical backups found')}\n`;
  }
  const rows = running.map((row) => [
    row.application_name ?? '',
    row.phase ?? '',
    row.backend_start ?? '',
    row.backup_total_pretty ?? '',
    row.backup_streamed_pretty ?? '',
    row.backup_total ? `${(((row.backup_streamed ?? 0) / row.backup_total) * 100).toFixed(2)}%` : '',
    `${row.tablespaces_streamed ?? 0}/${row.tablespaces_total ?? 0}`,
  ]);
  const columns = ['Name', 'Phase', 'Started at', 'Total', 'Transferred', 'Progress', 'Tablespaces'];
  return `${paint('green', title)}\n${table(columns, rows)}`;
}

/** Managed roles status. */
export function rolesSection({ cluster, paint }: StatusView): string {
  const title = 'Managed roles status';
  const { byStatus = {}, cannotReconcile = {} } = cluster.status?.managedRolesStatus ?? {};
  const states = Object.entries(byStatus).filter(([, names]) => names.length > 0);
  if (states.length === 0) return `${paint('green', title)}\nNo roles managed\n`;
  const failed = Object.entries(cannotReconcile);
  const settled = states.every(([state]) => state === 'reconciled' || state === 'reserved');
  const colour = failed.length > 0 ? 'red' : settled ? 'green' : 'yellow';
  const main = table(
    ['Status', 'Roles'],
    states.map(([state, names]) => [state, names.join(',')]),
  );
  const rest =
    failed.length === 0
      ? ''
      : `${paint('red', 'Irreconcilable roles')}\n${table(
          ['Role', 'Errors'],
          failed.map(([role, errors]) => [role, errors.join(',')]),
        )}`;
  return `${paint(colour, title)}\n${main}${rest}`;
}

/** Tablespaces status. */
export function tablespacesSection({ cluster, paint }: StatusView): string {
  const title = 'Tablespaces status';
  const states = cluster.status?.tablespacesStatus ?? [];
  if (states.length === 0) return `${paint('green', title)}\nNo managed tablespaces\n`;
  const temporary = new Set(cluster.spec.tablespaces?.filter((space) => space.temporary).map(({ name }) => name));
  const rows = states.map(({ name, owner = '', state, error = '' }) => [
    name,
    owner,
    state,
    String(temporary.has(name)),
    error,
  ]);
  const colour = states.some(({ error }) => error)
    ? 'red'
    : states.some(({ state }) => state === 'pending')
      ? 'yellow'
      : 'green';
  return `${paint(colour, title)}\n${table(['Tablespace', 'Owner', 'Status', 'Temporary', 'Error'], rows)}`;
}

/** Pod Disruption Budgets status. */
export function budgetsSection({ budgets, paint }: StatusView): string {
  const title = paint('green', 'Pod Disruption Budgets status');
  if (budgets.length === 0) return `${title}\nNo active PodDisruptionBudgets found\n`;
  const rows = budgets.map(({ metadata, spec, status }) => [
    metadata?.name ?? '',
    spec?.selector?.matchLabels?.[labels.instanceRole] ?? '',
    String(status?.expectedPods ?? 0),
    String(status?.currentHealthy ?? 0),
    String(status?.desiredHealthy ?? 0),
    String(status?.disruptionsAllowed ?? 0),
  ]);
  const columns = [
    'Name',
    'Role',
    'Expected Pods',
    'Current Healthy',
    'Minimum Desired Healthy',
    'Disruptions Allowed',
  ];
  return `${title}\n${table(columns, rows)}`;
}

/** Plugins status. */
export function pluginsSection({ cluster, paint, verbosity }: StatusView): string | undefined {
  const plugins = cluster.status?.pluginStatus ?? [];
  const title = paint('green', 'Plugins status');
  if (plugins.length === 0) return verbosity > 0 ? `${title}\nNo plugins found\n` : undefined;
  const rows = plugins.map(({ name, version, status, capabilities }) => [
    name,
    version,
    status || 'N/A',
    capabilities?.map(capabilityName).join(', ') || 'N/A',
  ]);
  return `${title}\n${table(['Name', 'Version', 'Status', 'Reported Operator Capabilities'], rows)}`;
}

const capabilityNames: Record<string, string> = {
  TYPE_BACKUP_SERVICE: 'Backup Service',
  TYPE_RESTORE_JOB: 'Restore Job',
  TYPE_RECONCILER_HOOKS: 'Reconciler Hooks',
  TYPE_WAL_SERVICE: 'WAL Service',
  TYPE_OPERATOR_SERVICE: 'Operator Service',
  TYPE_LIFECYCLE_SERVICE: 'Lifecycle Service',
  TYPE_POSTGRES: 'Postgres Service',
  TYPE_UNSPECIFIED: '',
};

const capabilityName = (type: string) => capabilityNames[type] ?? type;

/** What could not be read. */
export function errorsSection({ errors, paint }: StatusView): string | undefined {
  if (errors.length === 0) return undefined;
  const title = 'Error(s) extracting status';
  return `\n${paint('red', title)}\n${'-'.repeat(title.length)}\n${errors.join('\n')}\n`;
}
