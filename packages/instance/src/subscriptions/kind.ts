import { finalizers, type Subscription, type SubscriptionSpec } from '@matriarch/api';
import { quoteIdentifier, quoteLiteral, renderConninfo } from '@matriarch/postgres';
import { externalConninfo } from '../configuration/external.ts';
import { subscriptions } from '../kinds.ts';
import type { SqlObjectKind } from '../objects/kind.ts';
import { parameterList } from '../objects/parameters.ts';

/** Parameters that PostgreSQL takes at creation only. */
const onlyAtCreation = ['connect', 'copy_data', 'create_slot', 'enabled', 'two_phase'];

export function subscriptionStatements(spec: SubscriptionSpec, conninfo: string, exists: boolean): string[] {
  const name = quoteIdentifier(spec.name);
  const publication = quoteIdentifier(spec.publicationName);
  const connection = quoteLiteral(conninfo).trim();
  if (!exists) {
    const parameters = parameterList(spec.parameters);
    const options = parameters === '' ? '' : ` WITH (${parameters})`;
    return [`CREATE SUBSCRIPTION ${name} CONNECTION ${connection} PUBLICATION ${publication}${options}`];
  }
  const changeable = Object.entries(spec.parameters ?? {}).filter(([key]) => !onlyAtCreation.includes(key));
  const parameters = parameterList(Object.fromEntries(changeable));
  return [
    `ALTER SUBSCRIPTION ${name} CONNECTION ${connection}`,
    `ALTER SUBSCRIPTION ${name} SET PUBLICATION ${publication}`,
    ...(parameters === '' ? [] : [`ALTER SUBSCRIPTION ${name} SET (${parameters})`]),
  ];
}

export const subscriptionObjects: SqlObjectKind<Subscription> = {
  type: subscriptions,
  finalizer: finalizers.deleteSubscription,
  identity: ({ spec }) => `${spec.dbname}/${spec.name}`,
  reclaim: ({ spec }) => (spec.subscriptionReclaimPolicy === 'delete' ? 'delete' : 'retain'),
  async apply(instance, cluster, { spec }) {
    const source = await externalConninfo(instance, cluster, spec.externalClusterName);
    const conninfo = renderConninfo(spec.publicationDBName ? { ...source, dbname: spec.publicationDBName } : source);
    await instance.database.withConnection(spec.dbname, async (connection) => {
      const rows = await connection.query(
        'SELECT 1 FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE s.subname = $1 AND d.datname = current_database()',
        [spec.name],
      );
      for (const statement of subscriptionStatements(spec, conninfo, rows.length > 0))
        await connection.query(statement);
    });
    return { status: {} };
  },
  drop: ({ database }, { spec }) =>
    database.withConnection(spec.dbname, async (connection) => {
      await connection.query(`DROP SUBSCRIPTION IF EXISTS ${quoteIdentifier(spec.name)}`);
    }),
};
