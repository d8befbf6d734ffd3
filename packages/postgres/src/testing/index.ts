export { makeCertificates, type TestCertificates } from './certificates.ts';
export {
  dropPrivileges,
  freePort,
  makeDataDirectory,
  makeScratch,
  runServer,
  type Scratch,
  type TestServer,
  usePostgres,
} from './server.ts';
