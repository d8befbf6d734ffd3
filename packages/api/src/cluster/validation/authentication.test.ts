import { ruleTest } from '../../testing/cluster.ts';
import type { LdapConfiguration } from '../schema/postgresql.ts';
import { distinctPodSelectors, hbaLines, hbaReferences, ldap, podSelectors } from './authentication.ts';

const directory = (settings: LdapConfiguration) => ({ spec: { postgresql: { ldap: settings } } });
ruleTest(ldap, [
  [directory({ server: 'ldap.example', bindAsAuth: { prefix: 'cn=' } })],
  [directory({ bindAsAuth: {} }), 'Invalid spec.postgresql.ldap.server'],
  [directory({ server: 's', bindAsAuth: {}, bindSearchAuth: {} }), 'Invalid spec.postgresql.ldap'],
]);

const selector = { matchLabels: { app: 'shop' } };
ruleTest(distinctPodSelectors, [
  [{ spec: { podSelectorRefs: [{ name: 'a', selector }] } }],
  [
    {
      spec: {
        podSelectorRefs: [
          { name: 'a', selector },
          { name: 'a', selector },
        ],
      },
    },
    'Duplicate spec.podSelectorRefs[1].name',
  ],
]);

const expression = (operator: string, values?: string[]) => ({
  spec: {
    podSelectorRefs: [
      { name: 'a', selector: { matchExpressions: [{ key: 'app', operator, ...(values ? { values } : {}) }] } },
    ],
  },
});
const wrongSelector = 'Invalid spec.podSelectorRefs[0].selector';
ruleTest(podSelectors, [
  [expression('In', ['a'])],
  [expression('Exists')],
  [expression('In'), wrongSelector],
  [expression('In', ['a b']), wrongSelector],
  [expression('DoesNotExist', ['a']), wrongSelector],
  [expression('Like', ['a']), wrongSelector],
  [{ spec: { podSelectorRefs: [{ name: 'a', selector: { matchLabels: { 'a b': 'c' } } }] } }, wrongSelector],
]);

const hba = (line: string) => ({
  spec: { podSelectorRefs: [{ name: 'shop', selector }], postgresql: { pg_hba: [line] } },
});
const reference = (type: string, name: string) => `host all all $\{${type}:${name}} scram-sha-256`;
const wrongLine = 'Invalid spec.postgresql.pg_hba[0]';
ruleTest(hbaReferences, [
  [hba('host all all 10.0.0.0/8 scram-sha-256')],
  [hba(reference('podselector', 'shop'))],
  [hba(reference('podselector', 'other')), wrongLine],
  [hba(reference('node', 'shop')), wrongLine],
  [hba(reference('podselector', 'shop').repeat(2)), wrongLine],
]);

ruleTest(hbaLines, [
  [hba('host app app all password')],
  [hba('host all all 10.0.0.0 255.0.0.0 scram-sha-256')],
  [hba('host all all ::1/128 md5 # the machine itself')],
  [hba('hostssl "my db" user1 , user2 samenet cert map=x clientcert=verify-full')],
  [hba('local all all peer map=local')],
  [hba(reference('podselector', 'shop'))],
  [hba('# only a comment')],
  [hba('include_if_exists extra.conf')],
  [hba('')],
  [hba('hosst all all all md5'), wrongLine],
  [hba('host all all md5'), wrongLine],
  [hba('host all all 10.0.0.0/8 scram'), wrongLine],
  [hba('local all peer'), wrongLine],
  [hba('host "all all all md5'), wrongLine],
  [hba('host all all db.example.com md5')],
  [hba('host all all fe80::1 ffff:: md5')],
  [hba('host all all 10.0.0.0/33 md5'), wrongLine],
  [hba('host all all ::1/129 md5'), wrongLine],
  [hba('host all all 300.0.0.1/8 md5'), wrongLine],
  [hba('host all all 10.0.0.1 md5'), wrongLine],
  [hba('host all all 10.0.0.0 ffff:: md5'), wrongLine],
]);
