import { clusterEvents } from '@matriarch/api';
import type { Action } from '../actions.ts';
import type { ActContext } from './context.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

const shortHash = (hash: string): string => hash.slice(0, 6);

export const managers = {
  /** The outcome is told when it comes; the pass does not wait for it. */
  async updateManager(context: ActContext, { instance, formerHash }: Of<'updateManager'>): Promise<void> {
    const { cluster, events, log, managers: sender } = context;
    if (sender === undefined) return;
    log.info({ instance, from: formerHash, to: sender.hash }, 'Updating an instance manager in place');
    sender.begin(instance, (outcome) => {
      if (outcome.kind === 'later') {
        log.info({ instance, reason: outcome.reason }, 'The instance manager cannot be updated now');
        return;
      }
      if (outcome.kind === 'failed') {
        const message = `The instance manager of ${instance} was not updated: ${outcome.reason}`;
        log.warn({ instance, reason: outcome.reason }, 'An instance manager was not updated');
        events.event(cluster, 'Warning', clusterEvents.instanceManagerUpgradeFailed, message);
        return;
      }
      const hashes = `oldHash: ${shortHash(formerHash)} \u2014 newHash: ${shortHash(sender.hash)}`;
      const message = `Instance manager has been upgraded on ${instance} (${hashes})`;
      log.info({ instance }, 'An instance manager was updated');
      events.event(cluster, 'Normal', clusterEvents.instanceManagerUpgraded, message);
    });
  },
} as const;
