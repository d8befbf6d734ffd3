import type { Instance } from '../instance.ts';
import { roomOfVolumes } from '../space/observe.ts';
import type { Family } from './text.ts';

const levels = { low: 1, stopped: 2, closed: 3 } as const;

/** Size and free bytes of the volumes, and what the manager makes of them. */
export async function spaceMetrics(instance: Instance): Promise<Family[]> {
  const rooms = await roomOfVolumes(instance);
  const { space } = instance.state.current;
  return [
    {
      name: 'cnpg_collector_volume_size_bytes',
      help: 'Size of the file system of a volume.',
      type: 'gauge',
      samples: rooms.map(({ name, sizeBytes }) => ({ labels: { volume: name }, value: sizeBytes })),
    },
    {
      name: 'cnpg_collector_volume_free_bytes',
      help: 'Bytes that PostgreSQL can still write on a volume.',
      type: 'gauge',
      samples: rooms.map(({ name, freeBytes }) => ({ labels: { volume: name }, value: freeBytes })),
    },
    {
      name: 'cnpg_collector_disk_space_level',
      help: '0 = space on every volume, 1 = low, 2 = writes are stopped, 3 = connections are refused.',
      type: 'gauge',
      samples: [{ labels: {}, value: space === undefined ? 0 : levels[space.level] }],
    },
  ];
}
