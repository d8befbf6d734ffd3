import type { Cluster } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import { userParameters } from '../configuration/compute.ts';
import { isExtensionUsed, managedExtensions } from '../configuration/libraries.ts';
import type { Instance } from '../instance.ts';

const databasesSql = 'SELECT datname AS name FROM pg_database WHERE datallowconn ORDER BY datname';

/**
 * Makes the extensions that parameters switch on in every database, and drops them from all when no parameter speaks
 * of them any more.
 */
export async function applyManagedExtensions(instance: Instance, cluster: Cluster): Promise<void> {
  const parameters = userParameters(cluster);
  const wanted = managedExtensions.filter((extension) => extension.created);
  const databases = await instance.database.query<{ name: string }>(databasesSql);
  for (const { name } of databases) {
    await instance.database.withConnection(name, async (connection) => {
      const rows = await connection.query<{ extname: string }>('SELECT extname FROM pg_extension');
      const present = new Set(rows.map((row) => row.extname));
      for (const extension of wanted) {
        const used = isExtensionUsed(extension, parameters);
        const identifier = quoteIdentifier(extension.name);
        if (used && !present.has(extension.name))
          await connection.query(`CREATE EXTENSION IF NOT EXISTS ${identifier} SCHEMA public`);
        if (!used && present.has(extension.name)) await connection.query(`DROP EXTENSION IF EXISTS ${identifier}`);
      }
    });
  }
}
