/** A certificate authority of a test's own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 and the authority that signed it, in files; null where there is no openssl. */
export function makeAuthority(
  at: string,
): { readonly authority: string; readonly certificate: string; readonly key: string } | null {
  mkdirSync(at, { recursive: true });
  const file = (name: string): string => join(at, name);
  const [authority, ownKey, request] = [file('ca.pem'), file('ca.key'), file('own.csr')];
  const [certificate, key, names] = [file('own.pem'), file('own.key'), file('san.txt')];
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1\n');
  const commands = [
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      ownKey,
      '-out',
      authority,
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
    ],
    ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', '/CN=queue'],
    [
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      authority,
      '-CAkey',
      ownKey,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      names,
      '-out',
      certificate,
    ],
  ];
  const isMade = commands.every((args) => spawnSync('openssl', args, { stdio: 'ignore' }).status === 0);
  return isMade ? { authority, certificate, key } : null;
}
