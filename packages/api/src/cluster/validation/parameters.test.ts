import { ruleTest, withParameters } from '../../testing/cluster.ts';
import {
  booleanParameters,
  fixedParameterValues,
  minimalWal,
  minimalWalSenders,
  parameterNames,
  sharedBuffers,
  walLevel,
  walLogHints,
  walSizes,
  walSizesFitVolume,
} from './parameters.ts';

const wrong = (name: string) => `Invalid spec.postgresql.parameters.${name}`;

ruleTest(parameterNames, [
  [withParameters({ work_mem: '4MB', 'my.setting$1': 'x' })],
  [withParameters({ 'work-mem': '4MB' }), wrong('work-mem')],
  [withParameters({ 'a.b.c': '1' }), wrong('a.b.c')],
]);

ruleTest(fixedParameterValues, [
  [{}],
  [withParameters({ logging_collector: 'on', log_destination: 'csvlog', shared_preload_libraries: '' })],
  [withParameters({ port: '5433' }), wrong('port')],
  [withParameters({ logging_collector: 'off' }), wrong('logging_collector')],
  [withParameters({ logging_collector: 'ON' }), wrong('logging_collector')],
  [withParameters({ shared_preload_libraries: 'pgaudit' }), wrong('shared_preload_libraries')],
  [withParameters({ unix_socket_directories: '/tmp' }), wrong('unix_socket_directories')],
]);

ruleTest(walLevel, [
  [withParameters({ wal_level: 'replica' })],
  [withParameters({ wal_level: 'Logical' }), wrong('wal_level')],
]);

const skipArchive = { annotations: { 'cnpg.io/skipWalArchiving': 'enabled' } };
const minimal = { wal_level: 'minimal', max_wal_senders: '0' };
ruleTest(minimalWal, [
  [{ ...skipArchive, ...withParameters(minimal, { instances: 1 }) }],
  [withParameters(minimal, { instances: 1 }), wrong('wal_level')],
  [{ ...skipArchive, ...withParameters(minimal) }, wrong('wal_level')],
  [
    { ...skipArchive, ...withParameters(minimal, { instances: 1, replica: { source: 'old', enabled: true } }) },
    wrong('wal_level'),
  ],
]);

ruleTest(minimalWalSenders, [
  [withParameters(minimal)],
  [withParameters({ wal_level: 'minimal' }), wrong('max_wal_senders')],
  [withParameters({ ...minimal, max_wal_senders: '00' }), wrong('max_wal_senders')],
]);

ruleTest(sharedBuffers, [
  [withParameters({ shared_buffers: '' })],
  [withParameters({ shared_buffers: '128' })],
  [withParameters({ shared_buffers: '1 GB' })],
  [withParameters({ shared_buffers: '1Gi' }), wrong('shared_buffers')],
]);

ruleTest(booleanParameters, [
  [withParameters({ hot_standby_feedback: 'ye', wal_log_hints: '1' })],
  [withParameters({ sync_replication_slots: 'o' }), wrong('sync_replication_slots')],
]);

ruleTest(walLogHints, [
  [withParameters({ wal_log_hints: 'off' }, { instances: 1 })],
  [withParameters({ wal_log_hints: 'off' }), wrong('wal_log_hints')],
]);

ruleTest(walSizes, [
  [{}],
  [withParameters({ min_wal_size: '1GB', max_wal_size: '2GB' })],
  [withParameters({ min_wal_size: '1GB' }), wrong('min_wal_size')],
  [withParameters({ max_wal_size: '80MB' }), wrong('min_wal_size')],
  [withParameters({ min_wal_size: '0', max_wal_size: '0' })],
  [withParameters({ max_wal_size: 'huge' }), wrong('max_wal_size')],
]);

const walStorage = { walStorage: { size: '1Gi' } };
ruleTest(walSizesFitVolume, [
  [{ spec: walStorage }],
  [withParameters({ max_wal_size: '1023MB' }, walStorage)],
  [withParameters({ max_wal_size: '1GB' }, walStorage), wrong('max_wal_size')],
  [withParameters({ max_wal_size: '1GB' })],
]);
