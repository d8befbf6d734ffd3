/** Objects deleted through the API server, as a user does it by mistake. */
import { resources } from '@matriarch/kubernetes';
import { until } from '../../../e2e/support/until.ts';
import { namespace } from '../view.ts';
import type { World } from '../world.ts';
import type { FaultKind } from './kind.ts';
import { instanceOf, type Role } from './roles.ts';

const noticeLimitMs = 60_000;
const wordsOf = { primary: 'the primary', standby: 'a standby' } as const;

async function podIsGone(world: World, uid: string): Promise<void> {
  await until('the pod is gone', noticeLimitMs, async () => {
    return !(await world.refreshed()).instances.some((one) => one.uid === uid);
  });
}

function deletePod(role: Role, gracePeriodSeconds?: number): FaultKind {
  return {
    name: `pod of ${wordsOf[role]} deleted${gracePeriodSeconds === 0 ? ' without grace' : ''}`,
    group: 'delete',
    primary: role === 'primary' ? 'may move' : 'stays',
    async inject({ world, random, note }) {
      const name = instanceOf(world, random, role);
      const { uid } = world.instance(name);
      note(name);
      const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
      await world.client.delete(resources.pods, { namespace, name }, options);
      await podIsGone(world, uid);
    },
  };
}

function deleteVolume(role: Role): FaultKind {
  return {
    name: `pod and volume of ${wordsOf[role]} deleted`,
    group: 'delete',
    primary: role === 'primary' ? 'may move' : 'stays',
    async inject({ world, random, note }) {
      const name = instanceOf(world, random, role);
      const { uid } = world.instance(name);
      note(name);
      const claim = await world.client.get(resources.persistentVolumeClaims, { namespace, name });
      await world.client.delete(resources.persistentVolumeClaims, { namespace, name });
      await world.client.delete(resources.pods, { namespace, name });
      await podIsGone(world, uid);
      await until('the volume is gone', noticeLimitMs, async () => {
        const { items } = await world.client.list(resources.persistentVolumeClaims, { namespace });
        return !items.some(({ metadata }) => metadata?.uid === claim.metadata?.uid);
      });
    },
  };
}

export const deletions: readonly FaultKind[] = [
  deletePod('primary'),
  deletePod('standby'),
  deletePod('primary', 0),
  deleteVolume('primary'),
  deleteVolume('standby'),
];
