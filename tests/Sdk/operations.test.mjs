// Every operation that is built, called by the AWS SDK for JavaScript in scenarios. The last test holds that none is left out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { done } from './actors.mjs';
import './scenarios/pools.mjs';
import './scenarios/clients.mjs';
import './scenarios/sign-up.mjs';
import './scenarios/users.mjs';
import './scenarios/account.mjs';
import './scenarios/groups.mjs';
import './scenarios/sessions.mjs';
import './scenarios/factors.mjs';
import './scenarios/errors.mjs';

test('The SDK has done every operation of the table', () => {
  const table = readFileSync(new URL('../../src/Server/Cognito/Operations.cs', import.meta.url), 'utf8');
  const built = [...table.matchAll(/^\s+\w+\.(\w+)\.Operation,$/gm)].map(([, name]) => name);
  assert.ok(built.length >= 50, `only ${built.length} operations found in the table`);
  assert.deepEqual(built.filter(name => !done.has(name)), []);
});
