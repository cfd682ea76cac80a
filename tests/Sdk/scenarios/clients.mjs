// An app client's life: with and without a secret, its lifetimes and flows, replaced, listed, deleted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aws, pages, password, Pool, refused } from '../actors.mjs';
import { api } from '../house.mjs';

test('A client is made with the defaults of the service', async t => {
  const pool = await Pool.create(t, api);
  const { UserPoolClient } = await api.createUserPoolClient({ ...pool.in, ClientName: 'plain' });
  assert.match(UserPoolClient.ClientId, /^[a-z0-9]{26}$/);
  assert.ok(UserPoolClient.CreationDate instanceof Date);
  const { RefreshTokenValidity, AuthSessionValidity, EnableTokenRevocation, PreventUserExistenceErrors, AllowedOAuthFlowsUserPoolClient } = UserPoolClient;
  assert.deepEqual([RefreshTokenValidity, AuthSessionValidity, EnableTokenRevocation, PreventUserExistenceErrors, AllowedOAuthFlowsUserPoolClient],
    [30, 3, true, 'LEGACY', false]);
  for (const unset of ['ClientSecret', 'AccessTokenValidity', 'IdTokenValidity', 'ReadAttributes', 'WriteAttributes'])
    assert.equal(UserPoolClient[unset], undefined, unset);
});

test('A confidential client shows its secret, and keeps it through updates that replace all settings', async t => {
  const pool = await Pool.create(t, api);
  await api.createResourceServer({ ...pool.in, Identifier: 'api', Name: 'API', Scopes: [{ ScopeName: 'read', ScopeDescription: 'read' }] });
  const made = await pool.client({
    GenerateSecret: true, AccessTokenValidity: 10, TokenValidityUnits: { AccessToken: 'minutes' }, CallbackURLs: ['https://app.example/cb'],
    AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'api/read'], SupportedIdentityProviders: ['COGNITO'],
  });
  assert.match(made.ClientSecret, /^[a-z0-9]{24,64}$/);
  const which = { ...pool.in, ClientId: made.ClientId };
  assert.deepEqual((await api.describeUserPoolClient(which)).UserPoolClient, made);

  const { UserPoolClient: changed } = await api.updateUserPoolClient({ ...which, ClientName: 'renamed' });
  assert.deepEqual([changed.ClientName, changed.ClientSecret], ['renamed', made.ClientSecret]);
  assert.deepEqual([changed.AccessTokenValidity, changed.CallbackURLs, changed.AllowedOAuthFlowsUserPoolClient], [undefined, undefined, false]);

  await api.deleteUserPoolClient(which);
  await refused(api.describeUserPoolClient(which), aws.ResourceNotFoundException, `User pool client ${made.ClientId} does not exist.`);
});

test('A secret is replaced without a pause: both are good until the old one is deleted', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client({ GenerateSecret: true });
  await pool.user('ana');
  const which = { ...pool.in, ClientId: client.ClientId };
  const { ClientSecretDescriptor: made } = await api.addUserPoolClientSecret(which);
  assert.match(made.ClientSecretValue, /^[a-z0-9]{51}$/);
  assert.ok(made.ClientSecretCreateDate instanceof Date);
  await refused(api.addUserPoolClientSecret(which), aws.LimitExceededException);
  const { ClientSecrets } = await api.listUserPoolClientSecrets(which);
  assert.deepEqual(ClientSecrets.map(one => [typeof one.ClientSecretId, one.ClientSecretValue]), [['string', undefined], ['string', undefined]]);
  const renewed = { ...client, ClientSecret: made.ClientSecretValue };
  for (const one of [client, renewed]) assert.ok((await pool.signIn(one, 'ana')).AccessToken);

  await api.deleteUserPoolClientSecret({ ...which, ClientSecretId: ClientSecrets.find(one => one.ClientSecretId !== made.ClientSecretId).ClientSecretId });
  await refused(pool.signIn(client, 'ana'), aws.NotAuthorizedException, `Unable to verify secret hash for client ${client.ClientId}`);
  assert.ok((await pool.signIn(renewed, 'ana')).AccessToken);
  await refused(api.deleteUserPoolClientSecret({ ...which, ClientSecretId: made.ClientSecretId }), aws.InvalidParameterException);
});

test('Clients are listed in pages, with their names and no secrets', async t => {
  const pool = await Pool.create(t, api);
  for (const ClientName of ['one', 'two', 'three']) await pool.client({ ClientName, GenerateSecret: true });
  const { items, count } = await pages(aws.paginateListUserPoolClients({ client: api, pageSize: 2 }, pool.in), 'UserPoolClients');
  assert.deepEqual([items.map(one => one.ClientName).sort(), count], [['one', 'three', 'two'], 2]);
  assert.deepEqual(Object.keys(items[0]).sort(), ['ClientId', 'ClientName', 'UserPoolId']);
});

test('Settings that contradict each other are refused by name', async t => {
  const pool = await Pool.create(t, api);
  const oauth = { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthScopes: ['openid'], CallbackURLs: ['https://app.example/cb'] };
  await refused(pool.client({ ...oauth, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['api/none'] }),
    aws.ScopeDoesNotExistException, 'Invalid scope requested: api/none');
  await refused(pool.client({ ...oauth, AllowedOAuthFlows: ['client_credentials'] }), aws.InvalidOAuthFlowException);
  await refused(pool.client({ ...oauth, AllowedOAuthFlows: ['client_credentials', 'code'], GenerateSecret: true }), aws.InvalidOAuthFlowException);
  await refused(pool.client({ RefreshTokenRotation: { Feature: 'ENABLED' } }), aws.InvalidParameterException);
  await refused(pool.client({ AccessTokenValidity: 25 }), aws.InvalidParameterException);
  await refused(pool.client({ ReadAttributes: ['custom:nowhere'] }), aws.InvalidParameterException);
});

test('A client decides how long tokens live and which attributes they show', async t => {
  const pool = await Pool.create(t, api, { Schema: [{ Name: 'lane', AttributeDataType: 'Number' }] });
  const client = await pool.client({
    AccessTokenValidity: 300, IdTokenValidity: 20, RefreshTokenValidity: 2, ReadAttributes: ['email', 'custom:lane'],
    TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'minutes', RefreshToken: 'hours' },
  });
  const ana = await pool.user('ana', { email: 'ana@swim.example', name: 'Ana', 'custom:lane': '4' });
  const tokens = await pool.signIn(client, ana, password);
  assert.equal(tokens.ExpiresIn, 300);
  const id = JSON.parse(Buffer.from(tokens.IdToken.split('.')[1], 'base64url'));
  assert.deepEqual([id.exp - id.iat, id.email, id['custom:lane'], 'name' in id], [1200, 'ana@swim.example', '4', false]);
  const { UserAttributes } = await api.getUser({ AccessToken: tokens.AccessToken });
  assert.deepEqual(UserAttributes.map(one => one.Name).sort(), ['custom:lane', 'email', 'sub']);
});
