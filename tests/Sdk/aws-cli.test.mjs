// The AWS CLI, version 2, against `poolhouse serve`: what an administrator types with an access key, and what an app does without one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { after, before, test } from 'node:test';
import { createKey, run, startServer } from '../actors/server.mjs';
import { AuthenticatorApp } from '../actors/totp.mjs';
import { attributes, claims, password } from './actors.mjs';

// By its place: `aws` on the PATH is version 1 on many machines.
const program = ['/usr/bin/aws', '/usr/local/bin/aws'].find(existsSync);
// Nothing of the machine's own: no profile, no credentials of a cloud, no pager that waits.
const bare = {
  PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', AWS_DEFAULT_REGION: 'us-east-1', AWS_DEFAULT_OUTPUT: 'json', AWS_PAGER: '', AWS_MAX_ATTEMPTS: '1',
  AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull, AWS_EC2_METADATA_DISABLED: 'true',
};
const emails = { ana: 'ana@swim.example', anna: 'anna@swim.example', ben: 'ben@swim.example' };

let server, key, pool, app;

async function call(env, ...args) {
  const { code, out, err } = await run(program, ['cognito-idp', '--endpoint-url', server.url, ...args], { env });
  assert.equal(code, 0, `aws ${args[0]} ended with ${code}: ${err}`);
  return out && JSON.parse(out);
}
const signedBy = ({ accessKeyId, secretAccessKey }) => ({ ...bare, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
const admin = (...args) => call(signedBy(key), ...args);
const inPool = (operation, ...args) => admin(operation, '--user-pool-id', pool, ...args);
const unsigned = (...args) => call(bare, ...args, '--no-sign-request');
const signIn = (flow, parameters) => unsigned('initiate-auth', '--client-id', app, '--auth-flow', flow, '--auth-parameters', parameters);
const refused = (call, name) => assert.rejects(call, { message: new RegExp(`ended with 254: \\s*An error occurred \\(${name}\\) when calling the \\w+ operation`) });

before(async () => {
  assert.ok(program, 'the AWS CLI is missing: apt-get install awscli');
  server = await startServer({ verb: 'serve' });
  key = await createKey(server);
  pool = (await admin('create-user-pool', '--pool-name', 'swimmers', '--user-pool-tags', 'team=blue')).UserPool.Id;
  app = (await inPool('create-user-pool-client', '--client-name', 'app', '--explicit-auth-flows',
    'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH')).UserPoolClient.ClientId;
  await Promise.all(Object.entries(emails).map(([name, email]) => inPool('admin-create-user', '--username', name, '--message-action', 'SUPPRESS',
    '--user-attributes', `Name=email,Value=${email}`, 'Name=name,Value=Zoë Ñandú')));
  await inPool('admin-set-user-password', '--username', 'ana', '--password', password, '--permanent');
});
after(() => server?.stop());

test('A pool is described, and its tags are those that it was given', async () => {
  const { UserPool } = await inPool('describe-user-pool');
  assert.deepEqual([UserPool.Name, UserPool.EstimatedNumberOfUsers, UserPool.UserPoolTags], ['swimmers', 3, { team: 'blue' }]);
  await admin('tag-resource', '--resource-arn', UserPool.Arn, '--tags', 'team=green,season=2026');
  assert.deepEqual((await admin('list-tags-for-resource', '--resource-arn', UserPool.Arn)).Tags, { team: 'green', season: '2026' });
});

test('Users are found by a filter, page by page, with the letters that they were created with', async () => {
  const list = (...more) => inPool('list-users', '--filter', 'email ^= "an"', '--page-size', '1', ...more);
  const first = await list('--max-items', '1');
  assert.ok(first.NextToken);
  const rest = await list('--starting-token', first.NextToken);
  assert.equal(rest.NextToken, undefined);
  const found = [...first.Users, ...rest.Users].map(user => ({ name: user.Username, ...attributes(user.Attributes) }));
  assert.deepEqual(found.map(user => [user.email, user.name]).sort(), [[emails.ana, 'Zoë Ñandú'], [emails.anna, 'Zoë Ñandú']]);
});

test('A group has the members that were put in it, and their tokens name it', async () => {
  await inPool('create-group', '--group-name', 'coaches', '--precedence', '1');
  await inPool('admin-add-user-to-group', '--username', 'ana', '--group-name', 'coaches');
  assert.deepEqual((await inPool('list-users-in-group', '--group-name', 'coaches')).Users.map(user => user.Username), ['ana']);
  const { AuthenticationResult } = await inPool('admin-initiate-auth', '--client-id', app, '--auth-flow', 'ADMIN_USER_PASSWORD_AUTH',
    '--auth-parameters', `USERNAME=ana,PASSWORD=${password}`);
  assert.deepEqual(claims(AuthenticationResult.AccessToken)['cognito:groups'], ['coaches']);
});

test('An app without a key signs in, refreshes, reads its user and revokes', async () => {
  const { AuthenticationResult: first } = await signIn('USER_PASSWORD_AUTH', `USERNAME=ana,PASSWORD=${password}`);
  const { AuthenticationResult: next } = await signIn('REFRESH_TOKEN_AUTH', `REFRESH_TOKEN=${first.RefreshToken}`);
  assert.notEqual(next.AccessToken, first.AccessToken);
  const me = () => unsigned('get-user', '--access-token', next.AccessToken);
  assert.equal((await me()).Username, 'ana');
  await unsigned('revoke-token', '--client-id', app, '--token', first.RefreshToken);
  await refused(me(), 'NotAuthorizedException');
});

test('Where a second factor is a must, an authenticator app is set up during the sign-in', async () => {
  await inPool('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--software-token-mfa-configuration', 'Enabled=true');
  const asked = await signIn('USER_PASSWORD_AUTH', `USERNAME=ana,PASSWORD=${password}`);
  assert.equal(asked.ChallengeName, 'MFA_SETUP');
  const begun = await unsigned('associate-software-token', '--session', asked.Session);
  const proof = await unsigned('verify-software-token', '--session', begun.Session, '--user-code', new AuthenticatorApp(begun.SecretCode).code());
  const done = await unsigned('respond-to-auth-challenge', '--client-id', app, '--challenge-name', 'MFA_SETUP', '--session', proof.Session,
    '--challenge-responses', 'USERNAME=ana');
  assert.equal(claims(done.AuthenticationResult.IdToken)['cognito:username'], 'ana');
});

test('What is refused arrives by its name, and a deleted pool is gone', async () => {
  const list = keys => call(signedBy(keys), 'list-user-pools', '--max-results', '1');
  await Promise.all([
    refused(inPool('admin-get-user', '--username', 'nobody'), 'UserNotFoundException'),
    refused(list({ ...key, secretAccessKey: `${key.secretAccessKey}x` }), 'InvalidSignatureException'),
  ]);
  await inPool('delete-user-pool');
  await refused(inPool('describe-user-pool'), 'ResourceNotFoundException');
});
