import type { StatusView } from './model.ts';
import { backupSection } from './sections/backup.ts';
import { certificatesSection } from './sections/certificates.ts';
import {
  budgetsSection,
  configurationSection,
  errorsSection,
  hibernationSection,
  physicalBackupsSection,
  pluginsSection,
  rolesSection,
  tablespacesSection,
} from './sections/details.ts';
import { instancesSection } from './sections/instances.ts';
import { replicationSection, unmanagedSlotsSection } from './sections/replication.ts';
import { summarySection } from './sections/summary.ts';

/** The whole status text: the sections that apply, each followed by an empty line. */
export function renderStatus(view: StatusView): string {
  const { isHibernated, isReplica, verbosity } = view;
  const running = <T>(section: T): T | undefined => (isHibernated ? undefined : section);
  const detail = <T>(section: T): T | undefined => (isHibernated || verbosity === 0 ? undefined : section);
  const sections = [
    summarySection(view),
    hibernationSection(view),
    configurationSection(view),
    certificatesSection(view),
    running(backupSection(view)),
    running(physicalBackupsSection(view)),
    isReplica ? undefined : running(replicationSection(view)),
    running(unmanagedSlotsSection(view)),
    detail(rolesSection(view)),
    detail(tablespacesSection(view)),
    detail(budgetsSection(view)),
    running(instancesSection(view)),
    pluginsSection(view),
    errorsSection(view),
  ];
  return `${sections.filter((section) => section !== undefined).join('\n')}`;
}
