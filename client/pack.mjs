// What is published: the modules of src in one file, without their comments, and the declarations that tsc reads out of those.
// Nothing is renamed or rewritten. A comment is a line of its own here, or a type in /** */, so that taking it off needs no parser.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const at = path => new URL(path, import.meta.url);
const seen = new Set();

/** A module after those that it imports. */
function joined(name) {
  if (seen.has(name)) return '';
  seen.add(name);
  const text = readFileSync(at(`src/${name}`), 'utf8');
  const before = [...text.matchAll(/^(?:import|export) .* from '\.\/(.+)';$/gm)].map(([, imported]) => joined(imported));
  const own = text
    .replace(/^\s*\/\*\*[^]*?\*\/\n/gm, '').replace(/^\s*\/\/.*\n/gm, '').replace(/\/\*\* @[^*]*\*\/ ?/g, '')
    .replace(/^import .*\n/gm, '').replace(/^export (\{.*\}) from .*;$/gm, name === 'index.js' ? 'export $1;' : '');
  return before.join('') + (name === 'index.js' ? own : own.replace(/^export /gm, '')).replace(/\n{2,}/g, '\n');
}

rmSync(at('dist'), { recursive: true, force: true });
mkdirSync(at('dist'));
copyFileSync(at('../LICENSE'), at('LICENSE'));
writeFileSync(at('dist/index.js'), joined('index.js').trimStart());
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', 'dist'], { cwd: at('.'), stdio: 'inherit' });
