import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '@matriarch/api';
import { painter } from '../output/colour.ts';
import type { Instance, Snapshot } from './collect.ts';
import type { InstanceReport } from './instance-status.ts';
import { createView } from './model.ts';
import { renderStatus } from './render.ts';

const now = new Date('2026-01-15T11:02:15Z');

const cluster: Cluster = {
  metadata: { name: 'prod', namespace: 'demo' },
  spec: {
    instances: 3,
    backup: { barmanObjectStore: { destinationPath: 's3://b' } },
    storage: { size: '4Gi' },
  },
  status: {
    image: 'ghcr.io/cloudnative-pg/postgresql:17.2',
    currentPrimary: 'prod-1',
    targetPrimary: 'prod-1',
    currentPrimaryTimestamp: '2026-01-15T10:00:12.000000Z',
    phase: 'Cluster in healthy state',
    instances: 3,
    readyInstances: 3,
    certificates: {
      expirations: {
        'prod-server': '2026-04-15 10:00:00 +0000 UTC',
        'prod-ca': '2026-01-16 10:00:00 +0000 UTC',
      },
    },
  },
};

function instance(name: string, report: InstanceReport | undefined, node: string): Instance {
  const pod = {
    metadata: { name },
    spec: { nodeName: node, containers: [] },
    status: { qosClass: 'Burstable', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const common = { instanceManagerVersion: '1.30.0', totalInstanceSize: '29 MB', systemID: '7214866198623563798' };
  if (report === undefined) return { pod, name, failure: { reason: 'ServiceUnavailable', message: 'no answer' } };
  return { pod, name, report: { ...common, ...report } };
}

const replica = (name: string, lsn: string) => ({
  applicationName: name,
  state: 'streaming',
  receivedLsn: lsn,
  writeLsn: lsn,
  flushLsn: lsn,
  replayLsn: lsn,
  syncState: 'async',
  syncPriority: '0',
});

const snapshot: Snapshot = {
  cluster,
  instances: [
    instance('prod-3', undefined, 'node-3'),
    instance('prod-2', { receivedLsn: '0/6000000', replayLsn: '0/6000000', isWalReceiverActive: true }, 'node-2'),
    instance(
      'prod-1',
      {
        isPrimary: true,
        currentLsn: '0/6000000',
        currentWAL: '000000010000000000000005',
        timeLineID: 1,
        isArchivingWAL: true,
        lastArchivedWAL: '000000010000000000000005',
        lastArchivedWALTime: '2026-01-15T10:09:00.24307Z',
        replicationInfo: [replica('prod-2', '0/6000000')],
        replicationSlotsInfo: [{ slotName: '_cnpg_prod_2', active: true }],
      },
      'node-1',
    ),
  ],
  primaryPod: undefined,
  budgets: [],
  size: '29M',
  files: undefined,
  errors: ['prod-3: no answer'],
};

const expected = `Cluster Summary
Name:                    prod
Namespace:               demo
System ID:               7214866198623563798
PostgreSQL Image:        ghcr.io/cloudnative-pg/postgresql:17.2
Primary instance:        prod-1
Primary promotion time:  2026-01-15 10:00:12 +0000 UTC (1h2m3s)
Status:                  Cluster in healthy state 
Instances:               3
Ready instances:         3
Size:                    29M
Current Write LSN:       0/6000000 (Timeline: 1 - WAL File: 000000010000000000000005)

Certificates Status
Certificate Name  Expiration Date                Days Left Until Expiration
----------------  ---------------                --------------------------
prod-ca           2026-01-16 10:00:00 +0000 UTC  0.95 - Expires Soon
prod-server       2026-04-15 10:00:00 +0000 UTC  89.95

Continuous Backup status
First Point of Recoverability:  Not Available
Working WAL archiving:          OK
WALs waiting to be archived:    0
Last Archived WAL:              000000010000000000000005   @   2026-01-15T10:09:00.24307Z
Last Failed WAL:                -

Streaming Replication status
Replication Slots Enabled
Name    Sent LSN   Write LSN  Flush LSN  Replay LSN  Write Lag  Flush Lag  Replay Lag  State      Sync State  Sync Priority  Replication Slot
----    --------   ---------  ---------  ----------  ---------  ---------  ----------  -----      ----------  -------------  ----------------
prod-2  0/6000000  0/6000000  0/6000000  0/6000000   00:00:00   00:00:00   00:00:00    streaming  async       0              active

Unmanaged Replication Slot Status
No unmanaged replication slots found

Instances status
Name    Database Size  Current LSN  Replication role  Status              QoS        Manager Version  Node
----    -------------  -----------  ----------------  ------              ---        ---------------  ----
prod-1  29 MB          0/6000000    Primary           OK                  Burstable  1.30.0           node-1
prod-2  29 MB          0/6000000    Standby (async)   OK                  Burstable  1.30.0           node-2
prod-3  -              -            -                 ServiceUnavailable  Burstable  -                node-3


Error(s) extracting status
--------------------------
prod-3: no answer
`;

const settings = { verbosity: 0, now, paint: painter('never', false) };

test('the status of a cluster whose third instance does not answer', () => {
  assert.equal(renderStatus(createView(snapshot, settings)), expected);
});

test('colours stand only where nothing is padded after them', () => {
  const plain = renderStatus(createView(snapshot, { ...settings, verbosity: 1 }));
  const coloured = renderStatus(createView(snapshot, { ...settings, verbosity: 1, paint: painter('always', false) }));
  assert.notEqual(coloured, plain);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain);
});

test('a switchover, fencing and a missing primary are told', () => {
  const changed: Snapshot = {
    ...snapshot,
    instances: [],
    cluster: {
      ...cluster,
      metadata: { ...cluster.metadata, annotations: { 'cnpg.io/fencedInstances': '["prod-1"]' } },
      status: { ...cluster.status, targetPrimary: 'prod-2' },
    },
  };
  const text = renderStatus(createView(changed, settings));
  assert.match(text, /^Switchover in progress$/m);
  assert.match(text, /^Primary instance: +prod-1 \(switching to prod-2\)$/m);
  assert.match(text, /^Status: +Primary instance is fenced$/m);
  assert.match(text, /^Fenced instances: +prod-1$/m);
  assert.match(text, /^No Primary instance found$/m);
  assert.match(text, /^Primary instance not found$/m);
});
