import {
  applicationDatabase,
  applicationSecretName,
  databaseUsers,
  isApplicationSecretGenerated,
  isSuperuserAccessEnabled,
  superuserSecretName,
} from '@matriarch/api';
import { inheritedAnnotations, inheritedLabels } from '../../builders/metadata.ts';
import { buildContext, type Draft } from '../draft.ts';
import { contains } from '../merge.ts';

/** Secrets with user name and password. Their data are never written twice. */
export function decideSecrets(draft: Draft): undefined {
  const { cluster, secrets, operator } = draft.snapshot;
  const superuser = superuserSecretName(cluster);
  if (isSuperuserAccessEnabled(cluster)) {
    if (!cluster.spec.superuserSecret?.name) {
      const request = {
        name: superuser,
        userType: 'superuser',
        username: databaseUsers.superuser,
        database: '*',
      } as const;
      if (secrets.has(superuser)) keepMetadata(draft, superuser);
      else draft.actions.push({ kind: 'createCredentials', request });
    }
  } else if (secrets.get(superuser)?.ownedByCluster) {
    draft.actions.push({ kind: 'delete', resource: 'secrets', name: superuser });
  }
  const app = applicationDatabase(cluster);
  if (app && isApplicationSecretGenerated(cluster)) {
    const name = applicationSecretName(cluster);
    const request = { name, userType: 'app', username: app.owner, database: app.database } as const;
    if (secrets.has(name)) keepMetadata(draft, name);
    else draft.actions.push({ kind: 'createCredentials', request });
  }
  const pull = `${cluster.metadata.name}-pull`;
  if (operator.pullSecret && !secrets.has(pull)) draft.actions.push({ kind: 'copyPullSecret', name: pull });
  return undefined;
}

function keepMetadata(draft: Draft, name: string): void {
  const facts = draft.snapshot.secrets.get(name);
  if (!facts?.owned) return;
  const context = buildContext(draft);
  const wanted = { labels: inheritedLabels(context), annotations: inheritedAnnotations(context) };
  if (contains(facts, wanted)) return;
  draft.actions.push({ kind: 'patch', resource: 'secrets', name, body: { metadata: wanted } });
}
