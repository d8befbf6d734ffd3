import { clusterEvents } from '@matriarch/api';
import type { ServiceAccount } from 'kubernetes-types/core/v1.d.ts';
import { buildRole } from '../../builders/rbac.ts';
import { buildRoleBinding, buildServiceAccount } from '../../builders/serviceaccount.ts';
import { buildContext, type Draft, event } from '../draft.ts';
import { contains, isSame } from '../merge.ts';

/** ServiceAccount, Role and RoleBinding of the pods. */
export function decideAccounts(draft: Draft): string | undefined {
  return decideServiceAccount(draft) ?? decideRole(draft) ?? decideRoleBinding(draft);
}

function decideServiceAccount(draft: Draft): string | undefined {
  const { cluster, owned, operator, serviceAccountExists } = draft.snapshot;
  const { name, namespace } = cluster.metadata;
  const given = cluster.spec.serviceAccountName;
  if (given) {
    if (serviceAccountExists) return undefined;
    const message = `Specified ServiceAccount "${given}" not found in namespace "${namespace}"`;
    event(draft, 'Warning', clusterEvents.serviceAccountNotFound, message);
    return message;
  }
  const wanted = buildServiceAccount(buildContext(draft), operator.pullSecret ? `${name}-pull` : undefined);
  const live = owned.serviceAccount;
  if (!live) {
    event(draft, 'Normal', clusterEvents.creatingServiceAccount, 'Creating ServiceAccount');
    draft.actions.push({ kind: 'create', resource: 'serviceAccounts', object: wanted });
    return undefined;
  }
  const body = accountPatch(live, wanted);
  if (!body) return undefined;
  event(draft, 'Normal', clusterEvents.updatingServiceAccount, 'Updating ServiceAccount');
  draft.actions.push({ kind: 'patch', resource: 'serviceAccounts', name, body });
  return undefined;
}

/** Adds what is missing; pull secrets that others added stay. */
function accountPatch(live: ServiceAccount, wanted: ServiceAccount): object | undefined {
  const metadata = { labels: wanted.metadata?.labels, annotations: wanted.metadata?.annotations };
  const known = live.imagePullSecrets ?? [];
  const missing = (wanted.imagePullSecrets ?? []).filter(({ name }) => !known.some((each) => each.name === name));
  if (contains(live.metadata, metadata) && missing.length === 0) return undefined;
  return { metadata, ...(missing.length > 0 ? { imagePullSecrets: [...known, ...missing] } : {}) };
}

function decideRole(draft: Draft): undefined {
  const { cluster, owned, originBackup, databaseRoles } = draft.snapshot;
  const wanted = buildRole(buildContext(draft), { originBackup, databaseRoles });
  const live = owned.role;
  if (!live) {
    event(draft, 'Normal', clusterEvents.creatingRole, 'Creating Cluster Role');
    draft.actions.push({ kind: 'create', resource: 'roles', object: wanted });
  } else if (!isSame(live.rules, wanted.rules)) {
    event(draft, 'Normal', clusterEvents.updatingRole, 'Updating Cluster Role');
    const body = { rules: wanted.rules };
    draft.actions.push({ kind: 'patch', resource: 'roles', name: cluster.metadata.name, body });
  }
  return undefined;
}

function decideRoleBinding(draft: Draft): undefined {
  if (draft.snapshot.owned.roleBinding) return undefined;
  draft.actions.push({ kind: 'create', resource: 'roleBindings', object: buildRoleBinding(buildContext(draft)) });
  return undefined;
}
