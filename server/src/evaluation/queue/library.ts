/** The client libraries of Redis: a bundle of its own, which only queues load (esbuild.mjs). */
export { Queue, WaitingError, Worker } from 'bullmq';
export { Redis } from 'ioredis';
