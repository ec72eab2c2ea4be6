/** The runtime's own installer against a package host that answers well, badly, half or not at all. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { InstallOptions } from '../../../../server/src/runtime/cuda/install';
import { cudaProvider, installCuda } from '../../../../server/src/runtime/cuda/install';
import { runtimeVersion } from '../../../../server/src/runtime/devices';
import { readSharedLibrary } from '../../../../server/src/runtime/cuda/elf';
import { ownedName, thisProcess } from '../../../../files/owner';
import { cuda13 } from '../../../support/cuda-machine';
import {
  libraries,
  nupkg,
  runtimeCopy as copyInto,
  runtimePackage,
  serving,
  target,
} from '../../../support/cuda-package';
import type { Routes } from '../../../support/nuget';
import { HOST, nuget, packageHost } from '../../../support/nuget';
import { sharedLibrary } from '../../../support/shared-library';
import { temporaryFolder } from '../../../support/temp';

const here = process.platform === 'linux' && process.arch === 'x64';
const skip = here ? false : 'the runtime has CUDA libraries for Linux on x64 only';
const temporary = temporaryFolder('cuda-install');
const runtimeCopy = (): string => copyInto(temporary);
const [cudaFile, sharedFile] = cudaProvider.files;

/** The environment belongs to the whole process, and each test has a host of its own. */
async function withEnv<T>(env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

async function install(
  routes: Routes,
  options: InstallOptions & {
    readonly env?: NodeJS.ProcessEnv;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<{
  readonly folder: string;
  readonly lines: readonly string[];
  readonly asked: readonly string[];
}> {
  const { env = {}, onLine, ...rest } = options;
  const folder = rest.packageFolder ?? runtimeCopy();
  const host = await packageHost(folder, routes);
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
    onLine?.(line);
  };
  try {
    await withEnv({ ...host.env, ...env }, () => installCuda(say, { ...rest, packageFolder: folder }));
    return { folder, lines, asked: host.asked };
  } finally {
    await host.close();
  }
}

/** What an installation that failed has left: nothing. */
function assertUntouched(folder: string): void {
  assert.deepEqual(readdirSync(target(folder)), []);
  const staging = readdirSync(folder).filter((name) => name.startsWith('.'));
  assert.deepEqual(staging, []);
}

test("what is fetched is what the runtime's own metadata says", () => {
  const require = createRequire(join(runtimePackage, 'package.json'));
  const metadata = require('./script/install-metadata.js') as {
    readonly requirements: Readonly<Record<string, readonly string[]>>;
    readonly manifests: Readonly<Record<string, Readonly<Record<string, { package: string; path: string }>>>>;
    readonly packages: Readonly<Record<string, { name: string; versions: readonly { version: string }[] }>>;
    readonly feeds: Readonly<Record<string, { index: string }>>;
  };
  const [manifest, ...others] = metadata.requirements['linux/x64'] ?? [];
  assert.deepEqual(others, []);
  const files = metadata.manifests[`linux/x64:${manifest ?? ''}`] ?? {};
  for (const name of cudaProvider.files) {
    const file = files[`./${name}`];
    assert.equal(file?.path, `${cudaProvider.folder}/${name}`);
    const found = metadata.packages[file.package];
    assert.equal(found?.name, cudaProvider.package);
    assert.deepEqual(
      found.versions.map(({ version }) => version),
      [runtimeVersion()],
    );
  }
  assert.equal(metadata.feeds['nuget']?.index, `https://${HOST}/v3/index.json`);
});

test(
  'a whole package: both libraries are in place, nothing else is left, and the lines say so',
  { skip },
  async () => {
    const { folder, lines, asked } = await install(serving(nupkg()));
    assert.deepEqual(readdirSync(target(folder)).sort(), [...cudaProvider.files].sort());
    assert.deepEqual(readSharedLibrary(join(target(folder), cudaFile))?.needed, cuda13);
    assert.deepEqual(readFileSync(join(target(folder), sharedFile)), libraries[sharedFile]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
    assert.equal(asked.length, 3);
    assert.match(lines[0] ?? '', /^Downloading https:\/\/api\.nuget\.org\/.*1\.\d+\.\d+\.nupkg$/);
    assert.ok(lines.includes(`Unpacking ${cudaFile}`), lines.join('\n'));
    assert.match(lines.at(-1) ?? '', /^Installed .* into .*linux\/x64\.$/);
  },
);

test(
  'it also fetches inside `npm run`, where the installer by itself does nothing, and over what is there',
  { skip },
  async () => {
    const npm = { npm_config_local_prefix: '/project', npm_package_json: '/project/package.json' };
    const { folder } = await install(serving(nupkg()), { env: npm });
    assert.ok(existsSync(join(target(folder), cudaFile)));
    const newer = { ...libraries, [cudaFile]: sharedLibrary({ needed: ['libcudart.so.14'] }) };
    await install(serving(nupkg(newer)), { packageFolder: folder });
    assert.deepEqual(readSharedLibrary(join(target(folder), cudaFile))?.needed, ['libcudart.so.14']);
  },
);

const whole = nupkg();
const failures: readonly (readonly [string, Routes, RegExp])[] = [
  ['no index', {}, /Failed to download Nuget index/],
  [
    'no such package',
    serving(whole, 'Another.Package'),
    /the host has no package Microsoft\.ML\.OnnxRuntime\.Gpu\.Linux/,
  ],
  [
    'no such version',
    nuget(cudaProvider.package, '0.0.1', (response) => void response.end(whole)),
    /Failed to find specific package versions/,
  ],
  [
    'a redirect, which the installer does not follow',
    nuget(
      cudaProvider.package,
      runtimeVersion(),
      (response) => void response.writeHead(302, { location: `https://${HOST}/elsewhere` }).end(),
    ),
    /HTTP status code = 302/,
  ],
  [
    'a server error',
    nuget(cudaProvider.package, runtimeVersion(), (response) => void response.writeHead(503).end()),
    /HTTP status code = 503/,
  ],
  [
    'a connection that ends half-way',
    nuget(cudaProvider.package, runtimeVersion(), (response) => {
      response.writeHead(200, { 'content-length': String(whole.length) });
      response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
    }),
    /the download stopped early/,
  ],
  ['a package cut short', serving(whole.subarray(0, whole.length / 2)), /Failed to open NuGet package/],
  ['no zip file at all', serving(Buffer.from('<html>sign in</html>')), /Failed to open NuGet package/],
  [
    'a package without the library',
    serving(nupkg({ [sharedFile]: libraries[sharedFile] })),
    /Failed to find runtimes\/linux-x64\/native\/libonnxruntime_providers_cuda\.so/,
  ],
  [
    'half a library',
    serving(nupkg({ ...libraries, [cudaFile]: libraries[cudaFile].subarray(0, 200) })),
    /libonnxruntime_providers_cuda\.so is an incomplete library/,
  ],
  [
    'a library for another CPU',
    serving(nupkg({ ...libraries, [cudaFile]: sharedLibrary({ machine: 183 }) })),
    /is a library for AArch64/,
  ],
];
for (const [name, routes, reason] of failures) {
  test(`${name}: an error that says so, and nothing is changed`, { skip }, async () => {
    const folder = runtimeCopy();
    await assert.rejects(
      install(routes, { packageFolder: folder }),
      (error: { message: string; fix: string }) => {
        assert.match(error.message, reason);
        assert.match(error.message, /Nothing was changed\.$/);
        assert.match(error.fix, /HTTPS_PROXY.*NuGet package Microsoft\.ML\.OnnxRuntime\.Gpu\.Linux 1\./);
        return true;
      },
    );
    assertUntouched(folder);
  });
}

const silent: Routes = nuget(cudaProvider.package, runtimeVersion(), (response) => {
  response.writeHead(200, { 'content-length': '1000000' });
  response.write(Buffer.alloc(5000));
});

test('a host that stops answering is given up', { skip }, async () => {
  const folder = runtimeCopy();
  await assert.rejects(
    install(silent, { packageFolder: folder, stallMs: 1500 }),
    /nothing was received for 2 s/,
  );
  assertUntouched(folder);
});

test('cancelling ends the download and leaves nothing', { skip }, async () => {
  const folder = runtimeCopy();
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (line.startsWith('Downloading')) controller.abort();
  };
  await assert.rejects(install(silent, { packageFolder: folder, signal: controller.signal, onLine }), {
    kind: 'cancelled',
  });
  assertUntouched(folder);
});

test('what a killed installation left behind goes with the next one', { skip }, async () => {
  const folder = runtimeCopy();
  const staging = (pid: number) =>
    `${ownedName('.cuda-install-', { ...thisProcess(), pid, started: null })}abc`;
  mkdirSync(join(folder, staging(99_999_999), 'temp'), { recursive: true });
  mkdirSync(join(folder, staging(process.ppid)), { recursive: true });
  await install(serving(whole), { packageFolder: folder });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [staging(process.ppid)],
  );
});

test('a proxy that cannot be reached', { skip }, async () => {
  const folder = runtimeCopy();
  const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
  await assert.rejects(install({}, { packageFolder: folder, env }), /could not be fetched .*ECONNREFUSED/);
  assertUntouched(folder);
});

test('a folder without an installer is named', { skip }, async () => {
  const folder = dirname(runtimeCopy());
  await assert.rejects(install({}, { packageFolder: folder }), /installer is not at .*script\/install\.js/);
});
