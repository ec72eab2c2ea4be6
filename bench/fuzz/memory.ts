/** Resident memory of processes, from Linux' procfs where there is one. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes of an entry of /proc/PID/status; null where there is no procfs or no such process. */
export function statusBytes(pid: number | 'self', entry: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const found = new RegExp(`^${entry}:\\s*(\\d+) kB$`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    );
    return found === null ? null : Number(found[1]) * 1024;
  } catch {
    return null;
  }
}

/** From here on `peakBytes` is of what follows (proc(5), clear_refs); elsewhere it stays the peak of the whole process. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No procfs: peaks only grow, and a case that exceeds the limit is tried again in a process of its own.
  }
}

/** Largest resident set of this process since `forgetPeak`, in bytes. */
export const peakBytes = (): number => statusBytes('self', 'VmHWM') ?? process.resourceUsage().maxRSS * 1024;
