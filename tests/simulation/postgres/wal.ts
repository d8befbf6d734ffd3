/**
 * WAL as a line of numbered records that branches with each promotion. A place is the number of records before it.
 */
export interface Branch {
  readonly id: number;
  /** What PostgreSQL calls it; two promotions from one branch give the same number. */
  readonly timeline: number;
  readonly parent: Branch | undefined;
  /** Place in the parent at which it begins. */
  readonly from: number;
  /** Place behind the last commit that was acknowledged with synchronous replication required. */
  ackedDurably: number;
}

export interface Place {
  readonly branch: Branch;
  readonly lsn: number;
}

export const firstPlace = 100;

export const createBranch = (id: number, parent: Branch | undefined, from: number): Branch => ({
  id,
  timeline: (parent?.timeline ?? 0) + 1,
  parent,
  from,
  ackedDurably: 0,
});

/** Whether a server at `place` has what was written on a branch before `lsn`. */
export function holds(place: Place, branch: Branch, lsn: number): boolean {
  let reach = place.lsn;
  for (let at: Branch | undefined = place.branch; at !== undefined; at = at.parent) {
    if (at === branch) return lsn <= reach;
    reach = Math.min(reach, at.from);
  }
  return lsn <= 0;
}

/** The timeline of the last record before a place. */
export function timelineAt({ branch, lsn }: Place): number {
  let at = branch;
  while (at.parent !== undefined && lsn <= at.from) at = at.parent;
  return at.timeline;
}

export const lsnText = (lsn: number): string => `0/${lsn.toString(16).toUpperCase()}`;
