// What goes wrong, as the SDK shows it: classes, names, messages, request ids.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aws, password, Pool, refused } from '../actors.mjs';
import { api } from '../house.mjs';

test('Input that breaks the model is one InvalidParameterException that names every fault and no secret', async t => {
  const pool = await Pool.create(t, api);
  await refused(api.adminSetUserPassword({ UserPoolId: 'no pool', Username: 'ana', Password: 'with space' }), aws.InvalidParameterException,
    /^2 validation errors detected: .*'userPoolId'.*'password'/);
  await refused(api.adminSetUserPassword({ ...pool.in, Username: 'ana', Password: 'with space' }), aws.InvalidParameterException, /^(?!.*with space)/);
  await refused(api.listUserPools({ MaxResults: 61 }), aws.InvalidParameterException,
    "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60");
});

test('An operation that is not built says so', () => assert.rejects(api.getCSVHeader({ UserPoolId: 'us-east-1_Poolhouse' }), error => {
  assert.ok(error instanceof aws.CognitoIdentityProviderServiceException);
  assert.deepEqual([error.name, error.message], ['UnknownOperationException', 'GetCSVHeader is not built yet.']);
  return true;
}));

test('Flows are refused that the client has not enabled, or that belong to administrators', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client({ ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] });
  await pool.user('ana');
  const AuthParameters = { USERNAME: 'ana', PASSWORD: password };
  const call = { ClientId: client.ClientId, AuthParameters };
  await refused(api.initiateAuth({ ...call, AuthFlow: 'USER_PASSWORD_AUTH' }), aws.InvalidParameterException, 'USER_PASSWORD_AUTH flow not enabled for this client');
  await refused(api.adminInitiateAuth({ ...call, ...pool.in, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' }), aws.InvalidParameterException, 'Auth flow not enabled for this client');
  await refused(api.initiateAuth({ ...call, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' }), aws.InvalidParameterException, 'Initiate Auth method not supported');
  const open = await pool.client();
  await refused(api.initiateAuth({ ClientId: open.ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ana' } }),
    aws.InvalidParameterException, 'Missing required parameter PASSWORD');
});

test('Every refusal carries a request id, and clients that do not exist are named', async () => {
  const call = api.initiateAuth({ ClientId: 'nosuchclient', AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'a', PASSWORD: 'b' } });
  const error = await call.catch(problem => problem);
  assert.ok(error instanceof aws.ResourceNotFoundException);
  assert.equal(error.message, 'User pool client nosuchclient does not exist.');
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
});

test('Wrong passwords lock the user for a while, from the sixth on', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  await pool.user('ana');
  const attempt = () => pool.signIn(client, 'ana', 'Wrong-Pass-1').then(assert.fail, problem => problem);
  const tried = [];
  // The first lock lasts a second, which a busy machine may spend on one try; each further one is twice as long.
  while (tried.length < 10 && tried.at(-1) !== 'Password attempts exceeded') tried.push((await attempt()).message);
  assert.deepEqual(new Set(tried.slice(0, 5)), new Set(['Incorrect username or password.']));
  assert.equal(tried.at(-1), 'Password attempts exceeded');
});

test('What is no access token is refused as one', async () => {
  for (const AccessToken of ['no-token', 'e30.e30.c2ln'])
    await refused(api.getUser({ AccessToken }), aws.NotAuthorizedException, 'Invalid Access Token');
});
