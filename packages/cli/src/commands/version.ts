import { operatorVersion } from '@matriarch/api';

/** `version`: this program, and the version of the contract that it speaks. */
export function version(): void {
  console.log(`Matriarch ${programVersion}, compatible with CloudNativePG ${operatorVersion}`);
}

export const programVersion = '0.1.0';
