/** What tests of volumes with a size of their own need of the machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growImage, makeImage, mountImage, mountsBelow } from '../volumes/filesystems.ts';

/** Why file systems cannot be made, mounted and made larger here; false where they can. XFS asks the least of root. */
export async function noSizedVolumes(): Promise<string | false> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount file systems';
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-mounts-'));
  const place = join(folder, 'place');
  try {
    execFileSync('mkdir', [place]);
    await makeImage(join(folder, 'image'), 'xfs', 320 * 2 ** 20);
    await mountImage(join(folder, 'image'), place);
    const [mount] = await mountsBelow(folder);
    if (mount) await growImage(join(folder, 'image'), mount, 330 * 2 ** 20);
    return false;
  } catch (error) {
    return `file systems in files cannot be mounted here: ${error instanceof Error ? error.message : error}`;
  } finally {
    if ((await mountsBelow(folder)).length > 0) execFileSync('umount', [place]);
    rmSync(folder, { recursive: true });
  }
}

/** Loop devices with a file below the directory. */
export function loopsBelow(directory: string): string[] {
  const devices = readFileSync('/proc/partitions', 'utf8').match(/loop\d+$/gm) ?? [];
  return devices.filter((device) => {
    try {
      return readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').startsWith(`${directory}/`);
    } catch {
      return false;
    }
  });
}
