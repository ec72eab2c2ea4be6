/** What can be computed together: members of one kind, as many as it pays to copy beside each other. */

/** Bytes of a group, which exist twice meanwhile. */
const LARGEST_GROUP = 32 << 20;

type Group<Member> = readonly [Member, ...Member[]];

interface Limits {
  /** Bytes of a member that is computed with others. */
  readonly largest: number;
  /** Members of a group. */
  readonly most: number;
}

/**
 * Groups in the order of their first members. A copy costs what its memory takes, and a node what its launch takes: at one image a launch costs
 * more, at many images memory does, and then each member is a group of its own.
 * @param kindOf equal for what can be computed together
 */
export function groupsOf<Member>(
  members: readonly Member[],
  kindOf: (member: Member) => string,
  bytesOf: (member: Member) => number,
  { largest, most }: Limits,
): readonly Group<Member>[] {
  const groups: [Member, ...Member[]][] = [];
  const open = new Map<string, { readonly group: Member[]; bytes: number }>();
  for (const member of members) {
    const kind = kindOf(member);
    const bytes = bytesOf(member);
    const present = open.get(kind);
    const fits =
      present !== undefined &&
      bytes <= largest &&
      present.bytes + bytes <= LARGEST_GROUP &&
      present.group.length < most;
    if (fits) {
      present.group.push(member);
      present.bytes += bytes;
      continue;
    }
    const group: [Member, ...Member[]] = [member];
    groups.push(group);
    open.set(kind, { group, bytes });
  }
  return groups;
}
