/**
 * What Redis holds beside BullMQ's own keys. A job is done once its bit is set, which happens together with its rows being stored, in one
 * step that Redis writes to its append-only file as a unit: whatever it loses in a crash, bits and rows agree. A second
 * result of a job is dropped, and so is one of an evaluation that is over.
 */
import { deflateRaw, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import type { QueueAddress } from './address';
import { shown } from './address';
import { answered } from './answered';
import { queueGone } from './gone';
import type { Plan, Task } from './plan';
import { parsePlan } from './plan';

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)];

/** Prefix of all keys: braces keep a queue's keys together on a cluster. */
export const PREFIX = '{inference-lens}';

/** Most bytes of an unpacked result: 1,000 rows with the shares of many layers are some megabytes. */
const MOST_UNPACKED = 2 ** 30;

/** How long workers can see that an evaluation has ended. */
const OVER_SECONDS = 3600;

/** A worker without a heartbeat for this long is gone. */
const SILENT_SECONDS = 20;

export interface Workers {
  readonly count: number;
  /** Pictures finished in jobs under way. */
  readonly underWay: number;
}

export class QueueStore {
  constructor(
    readonly redis: Redis,
    readonly address: QueueAddress,
  ) {}

  private key(name: string): string {
    return `${PREFIX}:${this.address.name}:set:${name}`;
  }

  async plan(): Promise<Plan | null> {
    const text = await this.redis.get(this.key('plan'));
    return text === null ? null : parsePlan(text, shown(this.address));
  }

  /** Token of the stored plan, whatever its version. */
  token(): Promise<string | null> {
    return this.redis.get(this.key('token'));
  }

  async putPlan(plan: Plan): Promise<void> {
    await answered(() =>
      this.redis
        .multi()
        .set(this.key('plan'), JSON.stringify(plan))
        .set(this.key('token'), plan.token)
        .del(this.key('over'))
        .exec(),
    );
  }

  /** @throws LensError if the queue is no longer this evaluation's, whose jobs would mix with another's */
  async putTasks(
    token: string,
    jobs: readonly { readonly job: number; readonly tasks: readonly Task[] }[],
  ): Promise<void> {
    const fields = await Promise.all(
      jobs.map(async ({ job, tasks }) => [String(job), await pack(JSON.stringify(tasks))] as const),
    );
    const keys = ['token', 'tasks'].map((name) => this.key(name));
    if ((await this.redis.eval(PUT, 2, ...keys, token, ...fields.flat())) !== 1)
      throw queueGone(this.address);
  }

  /** Null for a job that is done. */
  async tasks(job: number): Promise<readonly Task[] | null> {
    const packed = await this.redis.hgetBuffer(this.key('tasks'), String(job));
    return packed === null
      ? null
      : (JSON.parse(
          (await unpack(packed, { maxOutputLength: MOST_UNPACKED })).toString('utf8'),
        ) as readonly Task[]);
  }

  /** @returns `kept`, or why it was not */
  async finish(token: string, job: number, lines: string): Promise<'kept' | 'done before' | 'over'> {
    const answer = await this.redis.eval(
      FINISH,
      4,
      ...['token', 'done', 'rows', 'tasks'].map((name) => this.key(name)),
      ...[token, String(job), await pack(lines)],
    );
    return answer === 1 ? 'kept' : answer === 0 ? 'done before' : 'over';
  }

  async isDone(job: number): Promise<boolean> {
    return (await this.redis.getbit(this.key('done'), job)) === 1;
  }

  countDone(): Promise<number> {
    return this.redis.bitcount(this.key('done'));
  }

  /** Bits of the jobs that are done. */
  async done(): Promise<(job: number) => boolean> {
    const bits = (await this.redis.getBuffer(this.key('done'))) ?? Buffer.alloc(0);
    return (job) => (((bits[job >> 3] ?? 0) >> (7 - (job & 7))) & 1) === 1;
  }

  undo(job: number): Promise<number> {
    return this.redis.setbit(this.key('done'), job, 0);
  }

  /** Jobs whose rows wait to be collected. */
  async waiting(): Promise<readonly number[]> {
    return (await this.redis.hkeys(this.key('rows'))).map(Number);
  }

  countWaiting(): Promise<number> {
    return this.redis.hlen(this.key('rows'));
  }

  /** Lines of rows; null if they have been collected. */
  async rows(job: number): Promise<string | null> {
    const packed = await this.redis.hgetBuffer(this.key('rows'), String(job));
    return packed === null
      ? null
      : (await unpack(packed, { maxOutputLength: MOST_UNPACKED })).toString('utf8');
  }

  async collected(job: number): Promise<void> {
    await this.redis.hdel(this.key('rows'), String(job));
  }

  /**
   * How often this picture was begun without being finished, including this time.
   * @param attempt identifies this time: the client repeats a command whose answer was lost
   */
  async begin(row: number, attempt: string): Promise<number> {
    return (await this.redis.eval(BEGIN, 1, this.key('begun'), String(row), attempt)) as number;
  }

  async end(row: number): Promise<void> {
    await this.redis.hdel(this.key('begun'), String(row));
  }

  /** A worker's heartbeat. @param finished pictures of the job under way */
  async beat(worker: string, finished: number): Promise<void> {
    await this.redis.eval(BEAT, 1, this.key('workers'), worker, String(finished));
  }

  async gone(worker: string): Promise<void> {
    await this.redis.hdel(this.key('workers'), worker);
  }

  async workers(): Promise<Workers> {
    const found = (await this.redis.eval(
      ALIVE,
      1,
      this.key('workers'),
      String(SILENT_SECONDS),
    )) as readonly string[];
    return { count: found.length, underWay: found.reduce((sum, each) => sum + Number(each), 0) };
  }

  /** Whether the latest evaluation of this name has ended within the last hour. */
  async isOver(): Promise<boolean> {
    return (await this.redis.exists(this.key('over'))) === 1;
  }

  /** Deletes everything of the evaluation but a mark that it is over. */
  async clear(token: string): Promise<void> {
    const names = ['plan', 'token', 'tasks', 'done', 'rows', 'begun', 'workers'];
    await answered(() =>
      this.redis
        .multi()
        .unlink(...names.map((name) => this.key(name)))
        .set(this.key('over'), token, 'EX', OVER_SECONDS)
        .exec(),
    );
  }
}

const PUT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 1`;

const BEGIN = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
local count, last = string.match(known or '0 ', '^(%d+) (.*)$')
if last ~= ARGV[2] then
  count = count + 1
  redis.call('HSET', KEYS[1], ARGV[1], count .. ' ' .. ARGV[2])
end
return tonumber(count)`;

const FINISH = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if redis.call('GETBIT', KEYS[2], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('SETBIT', KEYS[2], ARGV[2], 1)
redis.call('HDEL', KEYS[4], ARGV[2])
return 1`;

/** Uses the server's clock, since those of the machines may differ. */
const BEAT = `
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])
return 1`;

const ALIVE = `
local now, found, all = tonumber(redis.call('TIME')[1]), {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, finished = string.match(all[i + 1], '^(%d+) (%d+)$')
  if at and now - tonumber(at) <= tonumber(ARGV[1]) then found[#found + 1] = finished
  else redis.call('HDEL', KEYS[1], all[i]) end
end
return found`;
