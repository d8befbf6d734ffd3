import { join, relative } from 'node:path';
import { bucket, roleArn } from './objectstore.ts';
import { installation } from './paths.ts';

/** What to type next. */
export function hints(kubeconfig: string, example: boolean): string {
  const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
  const here = relative(process.cwd(), installation);
  const examples = here === '' ? 'examples' : quoted(join(installation, 'examples'));
  const lines = [
    `Kubeconfig  ${kubeconfig}`,
    '',
    `  export KUBECONFIG=${quoted(kubeconfig)} PATH=${quoted(join(installation, 'bin'))}:$PATH`,
    '  kubectl get nodes',
    ...(example ? exampleLines : []),
    '',
    'For the walkthrough, examples/cluster-prod.yaml and cluster-restore.yaml hold these two values already:',
    `  role    ${roleArn}`,
    `  bucket  s3://${bucket}`,
    `  kubectl create -f ${examples}/storageclass.yaml`,
    '',
    'The object store from outside: eval "$(npm run --silent matriarch -- s3-env)"',
    'Ctrl-C stops everything cleanly and keeps all data; the next start goes on with it.',
  ];
  return lines.join('\n');
}

const exampleLines = [
  '  kubectl cnpg status cluster-example',
  '  kubectl port-forward svc/cluster-example-rw 5432:5432 &',
  "  PGPASSWORD=$(kubectl get secret cluster-example-app -o jsonpath='{.data.password}' | base64 -d) \\",
  '    psql -h localhost -U app app',
];
