import { clusterEvents, isPodMonitorEnabled, isQuorumPublished } from '@matriarch/api';
import { controllerOf, isControlledBy } from '@matriarch/kubernetes';
import { buildFailoverQuorum, buildPrimaryLease } from '../../builders/lease.ts';
import { owner } from '../../builders/metadata.ts';
import { buildPodMonitor } from '../../builders/podmonitor.ts';
import { buildContext, type Draft, event } from '../draft.ts';
import { contains } from '../merge.ts';

export function decidePodMonitor(draft: Draft): undefined {
  const { cluster, owned, operator } = draft.snapshot;
  const { name } = cluster.metadata;
  const live = owned.podMonitor;
  if (!operator.podMonitorsExist) return undefined;
  if (!isPodMonitorEnabled(cluster)) {
    if (live && isControlledBy(live, cluster)) draft.actions.push({ kind: 'delete', resource: 'podMonitors', name });
    return undefined;
  }
  const wanted = buildPodMonitor(buildContext(draft));
  if (!live) draft.actions.push({ kind: 'create', resource: 'podMonitors', object: wanted });
  else if (!contains(live.spec, wanted.spec)) {
    draft.actions.push({ kind: 'patch', resource: 'podMonitors', name, body: { spec: wanted.spec } });
  }
  return undefined;
}

export function decideFailoverQuorum(draft: Draft): undefined {
  const { cluster, owned } = draft.snapshot;
  const { name } = cluster.metadata;
  const wanted = isQuorumPublished(cluster);
  if (wanted && !owned.failoverQuorum) {
    draft.actions.push({
      kind: 'create',
      resource: 'failoverQuorums',
      object: buildFailoverQuorum(buildContext(draft)),
    });
  } else if (!wanted && owned.failoverQuorum) {
    draft.actions.push({ kind: 'delete', resource: 'failoverQuorums', name });
  }
  return undefined;
}

/** A Lease left by an earlier cluster of the same name is taken over; one of somebody else is not. */
export function decidePrimaryLease(draft: Draft): string | undefined {
  const { cluster, owned } = draft.snapshot;
  const { name } = cluster.metadata;
  const live = owned.lease;
  if (!live) {
    draft.actions.push({ kind: 'create', resource: 'leases', object: buildPrimaryLease(buildContext(draft)) });
    return undefined;
  }
  if (isControlledBy(live, cluster)) return undefined;
  const rival = controllerOf(live);
  if (rival && !(rival.kind === 'Cluster' && rival.name === name)) {
    const message = `Lease ${name} belongs to ${rival.kind} ${rival.name}; delete it or rename the cluster`;
    event(draft, 'Warning', clusterEvents.primaryLeaseConflict, message);
    return message;
  }
  const { labels = {}, annotations = {} } = buildPrimaryLease(buildContext(draft)).metadata ?? {};
  const metadata = { labels, annotations, ownerReferences: [owner(cluster)] };
  draft.actions.push({ kind: 'patch', resource: 'leases', name, body: { metadata } });
  return undefined;
}
