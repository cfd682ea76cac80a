// What is published: its size, its types, and that a browser runs it.
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { run, temporary } from '../actors/server.mjs';
import { claims, event, eventsOf, startHouse, started, token } from './actors.mjs';

const client = fileURLToPath(new URL('../../client/', import.meta.url));
const limit = 6000;
let directory, unpacked;

async function done(command, args, cwd = client) {
  const { code, out, err } = await run(command, args, { cwd });
  assert.equal(code, 0, out + err);
  return out;
}
const tsc = (args, cwd) => done(process.execPath, [join(client, 'node_modules/typescript/bin/tsc'), ...args], cwd);

before(async () => {
  directory = await temporary('pack');
  unpacked = join(directory, 'node_modules/@poolhouse/client');
  const [{ filename }] = JSON.parse(await done('npm', ['pack', '--json', '--pack-destination', directory]));
  await mkdir(unpacked, { recursive: true });
  await done('tar', ['-xzf', join(directory, filename), '-C', unpacked, '--strip-components=1']);
});
after(() => rm(directory, { recursive: true, force: true }));

test('The sources pass the strict compiler', () => tsc([]));

test('The package holds one script, its declarations and what a reader needs', async () => {
  const files = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter(file => file.isFile()).map(({ name }) => name);
  assert.deepEqual(files.filter(name => !name.endsWith('.d.ts')).sort(), ['LICENSE', 'README.md', 'index.js', 'package.json']);
  const { name, dependencies, sideEffects, license, devDependencies } = JSON.parse(await readFile(join(unpacked, 'package.json')));
  assert.deepEqual([name, dependencies, sideEffects, license, Object.values(devDependencies).every(version => /^\d/.test(version))], ['@poolhouse/client', undefined, false, 'Apache-2.0', true]);
});

test(`A browser loads no more than ${limit} bytes, by gzip -9`, async t => {
  const scripts = (await readdir(join(unpacked, 'dist'))).filter(name => name.endsWith('.js'));
  const bytes = (await Promise.all(scripts.map(name => readFile(join(unpacked, 'dist', name))))).reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= limit, `${bytes} bytes`);
});

test('What is published is the source: nothing is renamed, nothing is added', async () => {
  const published = (await readFile(join(unpacked, 'dist/index.js'), 'utf8')).split('\n').map(line => line.trim());
  const names = (await readdir(join(client, 'src')));
  assert.ok(names.length <= 6, `${names.length} modules`);
  const sources = (await Promise.all(names.map(name => readFile(join(client, 'src', name), 'utf8')))).join('\n').replace(/\/\*\* @[^*]*\*\/ ?/g, '');
  const lines = new Set(sources.split('\n').flatMap(line => [line.trim(), line.trim().replace(/^export /, '')]));
  assert.deepEqual(published.filter(line => !lines.has(line) && line !== 'export { SessionError };'), []);
  assert.doesNotMatch(sources, /\b(eval|Function|innerHTML|postMessage\(.*['"]\*|document\.write|console)\b/);
});

test('A program in TypeScript compiles against it, and what is wrong does not', async () => {
  await cp(new URL('consumer.ts', import.meta.url), join(directory, 'consumer.ts'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  for (const module of ['nodenext', 'esnext']) {
    await tsc(['--strict', '--noEmit', '--skipDefaultLibCheck', '--target', 'es2022', '--module', module, '--moduleResolution', module === 'esnext' ? 'bundler' : module, '--lib', 'es2022,dom,dom.iterable', 'consumer.ts'], directory);
  }
});

test('A browser signs in with the published file', async () => {
  const house = await startHouse([{ id: 'app', grace: 0 }], { modules: pathToFileURL(`${unpacked}/dist/`) });
  const person = await house.stranger('app');
  const page = await person.signIn('here');
  assert.equal((await started(page)).user['cognito:username'], 'ana');
  await page.evaluate(() => session.refresh());
  await event(page, 'refreshed');
  assert.equal(claims(await token(page)).client_id, 'app');
  assert.deepEqual([await eventsOf(page), person.broken], [['signed-in', 'refreshed'], []]);
  await person.leave();
  await house.stop();
});
