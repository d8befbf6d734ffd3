// The instance manager as the operator sends it and the instance receives it: the body of `PUT /update`, whose hash is
// `executableHash` in the report of an instance and `hash` in `status.availableArchitectures`.

/** The files that make up an instance manager, as they lie in one folder; the archive holds them in this order. */
export const managerFiles = ['instance.mjs', 'manager', 'node', 'worker.mjs'] as const;

/** Beside them: the hash of the archive of these files, so that nobody has to read 120 MB to know it. */
export const managerHashFile = 'manager.sha256';

/** The name of an architecture in the API, from the one that Node has for it. */
export function goArch(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}
