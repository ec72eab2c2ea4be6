/** A package host on this machine that the runtime's installer reaches through a proxy, as it would the real one. */
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSignedCertificate } from './certificate';

export const HOST = 'api.nuget.org';

/** Answers one path; what is not listed is 404. */
export type Routes = Readonly<Record<string, (response: ServerResponse) => void>>;

export interface PackageHost {
  /** For the installer: proxy and trust. */
  readonly env: NodeJS.ProcessEnv;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const json = (value: unknown) => (response: ServerResponse) =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));

/** The two lists that lead to a package, as NuGet's protocol has them, and the package. */
export function nuget(
  name: string,
  version: string,
  sendPackage: (response: ServerResponse) => void,
): Routes {
  const id = name.toLowerCase();
  const base = '/v3-flatcontainer/';
  return {
    '/v3/index.json': json({
      resources: [{ '@type': 'PackageBaseAddress/3.0.0', '@id': `https://${HOST}${base}` }],
    }),
    [`${base}${id}/index.json`]: json({ versions: ['1.29.0', version] }),
    [`${base}${id}/${version}/${id}.${version}.nupkg`]: sendPackage,
  };
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** @param folder for the certificate that the installer has to trust */
export async function packageHost(folder: string, routes: Routes): Promise<PackageHost> {
  const { key, cert } = selfSignedCertificate(HOST);
  const trusted = join(folder, 'trusted.pem');
  writeFileSync(trusted, cert);
  const asked: string[] = [];
  const host = createTlsServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '');
    const route = routes[request.url ?? ''];
    if (route === undefined) response.writeHead(404).end();
    else route(response);
  });
  const hostPort = await listening(host);
  const sockets = new Set<Socket>();
  const proxy = createServer((_request, response) => void response.writeHead(501).end());
  proxy.on('connect', (request, socket: Socket, head: Buffer) => {
    if (request.url !== `${HOST}:443`) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const target = connect(hostPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    for (const end of [socket, target]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
  });
  const proxyPort = await listening(proxy);
  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, NODE_EXTRA_CA_CERTS: trusted, NO_PROXY: '' },
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      host.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all([host, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
