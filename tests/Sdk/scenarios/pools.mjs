// A pool's life: made, described, replaced, listed, deleted; its schema, its domain, its resource servers.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { aws, pages, Pool, refused, sdk } from '../actors.mjs';
import { api, server } from '../house.mjs';

test('A pool is made with the defaults of the service, and is gone when it is deleted', async () => {
  const { UserPool } = await api.createUserPool({ PoolName: 'plain' });
  const UserPoolId = UserPool.Id;
  assert.match(UserPoolId, /^us-east-1_[A-Za-z0-9]{9}$/);
  assert.equal(UserPool.Arn.endsWith(`:userpool/${UserPoolId}`), true);
  assert.ok(UserPool.CreationDate instanceof Date && Math.abs(UserPool.CreationDate - Date.now()) < 60_000);
  assert.ok(UserPool.LastModifiedDate instanceof Date);
  assert.equal(UserPool.SchemaAttributes.length, 20);
  assert.deepEqual(
    [UserPool.MfaConfiguration, UserPool.DeletionProtection, UserPool.UserPoolTier, UserPool.EstimatedNumberOfUsers, UserPool.LambdaConfig],
    ['OFF', 'INACTIVE', 'ESSENTIALS', 0, {}]);
  assert.equal(UserPool.Policies.PasswordPolicy.MinimumLength, 8);
  assert.equal(UserPool.AccountRecoverySetting, undefined);
  assert.deepEqual((await api.describeUserPool({ UserPoolId })).UserPool, UserPool);

  await api.deleteUserPool({ UserPoolId });
  await refused(api.describeUserPool({ UserPoolId }), aws.ResourceNotFoundException, `User pool ${UserPoolId} does not exist.`);
  await refused(api.deleteUserPool({ UserPoolId }), aws.ResourceNotFoundException);
});

test('An update replaces every setting: what it leaves out returns to its default', async t => {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } });
  await api.updateUserPool({
    ...pool.in, Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: false } }, DeletionProtection: 'ACTIVE',
    UserPoolTags: { team: 'swim' }, AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
  });
  const { UserPool: changed } = await api.describeUserPool(pool.in);
  assert.deepEqual([changed.Policies.PasswordPolicy.MinimumLength, changed.Policies.PasswordPolicy.RequireSymbols], [12, false]);
  assert.deepEqual([changed.DeletionProtection, changed.UserPoolTags], ['ACTIVE', { team: 'swim' }]);
  assert.equal(changed.AutoVerifiedAttributes, undefined);
  assert.equal(changed.UsernameConfiguration.CaseSensitive, false);
  assert.ok(changed.LastModifiedDate >= pool.description.LastModifiedDate);
  await refused(api.deleteUserPool(pool.in), aws.InvalidParameterException, /deletion protection/);

  await api.updateUserPool(pool.in);
  const { UserPool: back } = await api.describeUserPool(pool.in);
  assert.deepEqual([back.DeletionProtection, back.AccountRecoverySetting, back.Policies.PasswordPolicy.MinimumLength], ['INACTIVE', undefined, 8]);
});

test('A pool has tags, found by its ARN, and a certificate over its signing key', async t => {
  const pool = await Pool.create(t, api, { UserPoolTags: { team: 'swim' } });
  const ResourceArn = pool.description.Arn;
  await api.tagResource({ ResourceArn, Tags: { cost: 'low' } });
  await api.untagResource({ ResourceArn, TagKeys: ['team'] });
  assert.deepEqual((await api.listTagsForResource({ ResourceArn })).Tags, { cost: 'low' });
  await refused(api.tagResource({ ResourceArn, Tags: { 'poolhouse:nosrp': 'true' } }), aws.InvalidParameterException, /no option of this server/);

  const { Certificate } = await api.getSigningCertificate(pool.in);
  const certificate = new X509Certificate(Buffer.from(Certificate, 'base64'));
  assert.ok(certificate.verify(certificate.publicKey));
  const { keys } = await (await fetch(`${server.url}/${pool.UserPoolId}/.well-known/jwks.json`)).json();
  assert.ok(keys.some(key => key.n === certificate.publicKey.export({ format: 'jwk' }).n));
  assert.equal((await api.getSigningCertificate(pool.in)).Certificate, Certificate);
});

test('Custom attributes are part of the schema under their prefix, from the start or added later', async t => {
  const pool = await Pool.create(t, api, {
    Schema: [{ Name: 'email', Required: true }, { Name: 'lane', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '8' } }],
  });
  await api.addCustomAttributes({ ...pool.in, CustomAttributes: [{ Name: 'club', AttributeDataType: 'String', Mutable: false }] });
  const { UserPool } = await api.describeUserPool(pool.in);
  const schema = Object.fromEntries(UserPool.SchemaAttributes.map(one => [one.Name, one]));
  assert.equal(schema.email.Required, true);
  assert.deepEqual(schema['custom:lane'].NumberAttributeConstraints, { MinValue: '1', MaxValue: '8' });
  assert.deepEqual([schema['custom:club'].Mutable, schema['custom:club'].AttributeDataType], [false, 'String']);
  await refused(api.addCustomAttributes({ ...pool.in, CustomAttributes: [{ Name: 'club' }] }), aws.InvalidParameterException);

  const UserAttributes = [{ Name: 'email', Value: 'a@b.example' }, { Name: 'custom:lane', Value: '9' }];
  await refused(api.adminCreateUser({ ...pool.in, Username: 'ana', UserAttributes }), aws.InvalidParameterException, /custom:lane/);
});

test('A region lists its own pools, page by page, and an id finds its pool from any region', async t => {
  const paris = sdk(server.url, { region: 'eu-west-3' });
  const made = [];
  for (const one of [1, 2, 3]) made.push((await Pool.create(t, paris, { PoolName: `paris ${one}` })).UserPoolId);
  assert.ok(made.every(id => id.startsWith('eu-west-3_')));
  const { items, count } = await pages(aws.paginateListUserPools({ client: paris, pageSize: 2 }, {}), 'UserPools');
  assert.deepEqual(items.map(one => one.Id).sort(), [...made].sort());
  assert.equal(count, 2);
  assert.ok(items.every(one => one.CreationDate instanceof Date && one.Name.startsWith('paris')));
  assert.equal((await api.describeUserPool({ UserPoolId: made[0] })).UserPool.Id, made[0]);
});

test('A domain is given to one pool of the server, changed, and taken back', async t => {
  const pool = await Pool.create(t, api), other = await Pool.create(t, api);
  const Domain = `swim-${Date.now()}`;
  assert.deepEqual((await api.describeUserPoolDomain({ Domain })).DomainDescription, {});
  assert.equal((await api.createUserPoolDomain({ ...pool.in, Domain })).ManagedLoginVersion, 1);
  const { DomainDescription } = await api.describeUserPoolDomain({ Domain });
  assert.deepEqual([DomainDescription.UserPoolId, DomainDescription.Status, DomainDescription.Domain], [pool.UserPoolId, 'ACTIVE', Domain]);
  assert.equal((await api.describeUserPool(pool.in)).UserPool.Domain, Domain);
  await refused(api.createUserPoolDomain({ ...other.in, Domain }), aws.InvalidParameterException, 'Domain already associated with another user pool.');
  await refused(api.createUserPoolDomain({ ...other.in, Domain: 'my-cognito' }), aws.InvalidParameterException, /reserved word/);
  await refused(api.deleteUserPool(pool.in), aws.InvalidParameterException, /domain/);

  assert.equal((await api.updateUserPoolDomain({ ...pool.in, Domain, ManagedLoginVersion: 2 })).ManagedLoginVersion, 2);
  await api.deleteUserPoolDomain({ ...pool.in, Domain });
  assert.deepEqual((await api.describeUserPoolDomain({ Domain })).DomainDescription, {});
});

test('Resource servers hold scopes, are listed in pages, and an update replaces their scopes', async t => {
  const pool = await Pool.create(t, api);
  const scope = (...names) => names.map(ScopeName => ({ ScopeName, ScopeDescription: `may ${ScopeName}` }));
  const lanes = { ...pool.in, Identifier: 'https://lanes.example', Name: 'Lanes' };
  const { ResourceServer } = await api.createResourceServer({ ...lanes, Scopes: scope('read', 'write') });
  assert.deepEqual(ResourceServer, { ...lanes, Scopes: scope('read', 'write') });
  await refused(api.createResourceServer(lanes), aws.InvalidParameterException, `https://lanes.example already exists in user pool ${pool.UserPoolId}.`);
  for (const Identifier of ['a', 'b']) await api.createResourceServer({ ...pool.in, Identifier, Name: Identifier });
  const { items, count } = await pages(aws.paginateListResourceServers({ client: api, pageSize: 2 }, pool.in), 'ResourceServers');
  assert.deepEqual([items.map(one => one.Identifier).sort(), count], [['a', 'b', 'https://lanes.example'], 2]);

  await api.updateResourceServer({ ...lanes, Name: 'Lanes 2', Scopes: scope('book') });
  const asked = { ...pool.in, Identifier: lanes.Identifier };
  assert.deepEqual((await api.describeResourceServer(asked)).ResourceServer, { ...lanes, Name: 'Lanes 2', Scopes: scope('book') });
  await api.deleteResourceServer(asked);
  await refused(api.describeResourceServer(asked), aws.ResourceNotFoundException);
});
