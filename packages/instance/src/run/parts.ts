import { type Archiving, createArchiving } from '../archive/archiving.ts';
import { createBackupRunner } from '../backup/run.ts';
import { databaseRoleObjects } from '../databaseRoles/kind.ts';
import { databaseObjects } from '../databases/kind.ts';
import { createHealthMonitor, type HealthMonitor } from '../health/monitor.ts';
import { type Handler, text } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import { runObjects } from '../objects/controller.ts';
import { publicationObjects } from '../publications/kind.ts';
import { synchronizeSlots } from '../slots/standby.ts';
import { guardSpace } from '../space/guard.ts';
import { createPrimaryContact, type PrimaryContact } from '../standby/contact.ts';
import { keepStreaming } from '../standby/reconnect.ts';
import { subscriptionObjects } from '../subscriptions/kind.ts';

/** Parts that work beside the main loop. */
export interface Parts {
  readonly archiving: Archiving;
  readonly health: HealthMonitor;
  readonly contact: PrimaryContact;
  /** Paths of port 8000 that only the operator may use. */
  readonly operatorRoutes: Readonly<Record<string, Handler>>;
  readonly startBackup: Handler;
  readonly archiveCondition: Handler;
  /** Ends all but the worker, after the signal, while PostgreSQL goes on. */
  loopsEnded(): Promise<void>;
  stop(): Promise<void>;
}

export function startParts(instance: Instance, signal: AbortSignal): Parts {
  const archiving = createArchiving(instance);
  const contact = createPrimaryContact(instance);
  instance.lifecycle.onEvent((event) => {
    if (event.kind === 'state') archiving.follow(event.state);
  });
  const health = createHealthMonitor(instance);
  // It matters most while PostgreSQL is asked to stop.
  const watching = new AbortController();
  const loops = [
    health.run(watching.signal),
    guardSpace(instance, watching.signal),
    keepStreaming(instance, signal),
    contact.run(signal),
    synchronizeSlots(instance, signal),
    runObjects(instance, databaseObjects, signal),
    runObjects(instance, publicationObjects, signal),
    runObjects(instance, subscriptionObjects, signal),
    runObjects(instance, databaseRoleObjects, signal),
  ];
  return {
    archiving,
    health,
    contact,
    operatorRoutes: {},
    startBackup: createBackupRunner(instance, archiving, signal).start,
    archiveCondition: async (request) => {
      const { error } = JSON.parse((await request.body(64 * 1024)).toString('utf8')) as { error?: string };
      archiving.report(error === undefined || error === '' ? undefined : error);
      return text(200, 'OK');
    },
    loopsEnded: async () => {
      watching.abort();
      await Promise.all(loops);
    },
    stop: async () => {
      watching.abort();
      await archiving.stop();
      await Promise.all(loops);
    },
  };
}
