// Rules on where backups go.
import type {
  AzureCredentials,
  BarmanObjectStore,
  GoogleCredentials,
  S3Credentials,
} from '../../common/objectStore.ts';
import { type FieldError, invalid } from '../../validation/errors.ts';
import type { ClusterRule } from './rule.ts';

const store = 'spec.backup.barmanObjectStore';
const storeOf = ({ spec }: Parameters<ClusterRule>[0]): Partial<BarmanObjectStore> =>
  spec.backup?.barmanObjectStore ?? {};

export const oneProvider: ClusterRule = (context) => {
  if (context.spec.backup?.barmanObjectStore === undefined) return [];
  const { azureCredentials, s3Credentials, googleCredentials } = storeOf(context);
  const given = Object.entries({ azureCredentials, s3Credentials, googleCredentials })
    .filter(([, credentials]) => credentials !== undefined)
    .map(([name]) => name);
  if (given.length === 1) return [];
  return [invalid(store, given, 'give exactly one of s3Credentials, azureCredentials, googleCredentials')];
};

export const azure: ClusterRule = (context) => {
  const { azureCredentials: credentials } = storeOf(context);
  return credentials === undefined ? [] : azureErrors(`${store}.azureCredentials`, credentials);
};

function azureErrors(path: string, credentials: AzureCredentials): FieldError[] {
  const { connectionString, storageAccount, storageKey, storageSasToken } = credentials;
  const methods = Object.entries({
    inheritFromAzureAD: credentials.inheritFromAzureAD === true,
    useDefaultAzureCredentials: credentials.useDefaultAzureCredentials === true,
    storageKey: storageKey !== undefined,
    storageSasToken: storageSasToken !== undefined,
  })
    .filter(([, given]) => given)
    .map(([name]) => name);
  if (connectionString !== undefined) {
    const others = [...methods, ...(storageAccount === undefined ? [] : ['storageAccount'])];
    return others.length === 0 ? [] : [invalid(path, others, 'remove these: connectionString says it all')];
  }
  const errors: FieldError[] = [];
  if (methods.length !== 1) {
    const detail =
      'give exactly one of inheritFromAzureAD, useDefaultAzureCredentials, storageKey, storageSasToken; or connectionString';
    errors.push(invalid(path, methods, detail));
  }
  if ((storageKey !== undefined || storageSasToken !== undefined) && storageAccount === undefined) {
    errors.push(invalid(path, methods, 'add storageAccount, the account that the key or token is for'));
  }
  return errors;
}

export const s3: ClusterRule = (context) => {
  const { s3Credentials: credentials } = storeOf(context);
  return credentials === undefined ? [] : s3Errors(`${store}.s3Credentials`, credentials);
};

function s3Errors(path: string, { inheritFromIAMRole, accessKeyId, secretAccessKey }: S3Credentials): FieldError[] {
  const keys = [accessKeyId, secretAccessKey].filter((key) => key !== undefined).length;
  const detail = 'set inheritFromIAMRole to true, or give accessKeyId and secretAccessKey together; not both';
  const isValid = inheritFromIAMRole === true ? keys === 0 : keys === 2;
  return isValid ? [] : [invalid(path, { inheritFromIAMRole: inheritFromIAMRole ?? false, keys }, detail)];
}

export const google: ClusterRule = (context) => {
  const { googleCredentials: credentials } = storeOf(context);
  return credentials === undefined ? [] : googleErrors(credentials);
};

function googleErrors({ gkeEnvironment = false, applicationCredentials }: GoogleCredentials): FieldError[] {
  if (gkeEnvironment !== (applicationCredentials !== undefined)) return [];
  const detail = gkeEnvironment
    ? 'remove applicationCredentials, or set gkeEnvironment to false'
    : 'give applicationCredentials, or set gkeEnvironment to true';
  return [
    invalid('spec.backupConfiguration.googleCredentials', gkeEnvironment, `${store}.googleCredentials: ${detail}`),
  ];
}

export const retentionPolicy: ClusterRule = ({ spec }) => {
  const policy = spec.backup?.retentionPolicy ?? '';
  if (policy === '' || /[1-9][0-9]*[dwm]$/.test(policy)) return [];
  return [invalid('spec.backup.retentionPolicy', policy, 'write a number and d, w or m, such as 30d')];
};

export const backupRules: readonly ClusterRule[] = [oneProvider, azure, s3, google, retentionPolicy];
