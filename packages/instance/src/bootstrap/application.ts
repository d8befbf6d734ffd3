import { applicationDatabase } from '@matriarch/api';
import type { Job } from './job.ts';
import { withServer } from './server.ts';
import { ensureDatabase, ensureRole } from './sql.ts';

/** Starts a copied server once, which ends its recovery, and creates the application's role and database in it. */
export async function createApplication(job: Job, directory: string): Promise<void> {
  const application = applicationDatabase(job.cluster);
  if (application === undefined) return;
  await withServer(job, directory, {}, async ({ socketDirectory }) => {
    const target = { socketDirectory, logger: job.logger };
    await ensureRole(target, application.owner);
    await ensureDatabase(target, application);
  });
}
