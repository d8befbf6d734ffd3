// Security contexts of pods and containers.
import type * as core from 'kubernetes-types/core/v1.d.ts';
import { reference } from './reference.ts';
import { flag, int64, list, must, struct, text, texts } from './shorthand.ts';

const profile = { localhostProfile: text, type: must(text) };
export const seccompProfile = reference<core.SeccompProfile>('core/v1 SeccompProfile', profile);
const appArmorProfile = struct(profile);
const seLinuxOptions = struct({ level: text, role: text, type: text, user: text });
const windowsOptions = struct({
  gmsaCredentialSpec: text,
  gmsaCredentialSpecName: text,
  hostProcess: flag,
  runAsUserName: text,
});

export const podSecurityContext = reference<core.PodSecurityContext>('core/v1 PodSecurityContext', {
  appArmorProfile,
  fsGroup: int64,
  fsGroupChangePolicy: text,
  runAsGroup: int64,
  runAsNonRoot: flag,
  runAsUser: int64,
  seLinuxChangePolicy: text,
  seLinuxOptions,
  seccompProfile,
  supplementalGroups: list(int64),
  supplementalGroupsPolicy: text,
  sysctls: list(struct({ name: must(text), value: must(text) })),
  windowsOptions,
});

export const securityContext = reference<core.SecurityContext>('core/v1 SecurityContext', {
  allowPrivilegeEscalation: flag,
  appArmorProfile,
  capabilities: struct({ add: texts, drop: texts }),
  privileged: flag,
  procMount: text,
  readOnlyRootFilesystem: flag,
  runAsGroup: int64,
  runAsNonRoot: flag,
  runAsUser: int64,
  seLinuxOptions,
  seccompProfile,
  windowsOptions,
});
