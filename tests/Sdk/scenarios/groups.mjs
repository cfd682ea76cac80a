// Groups: their life, who is in them, and what tokens say of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aws, claims, pages, Pool, refused } from '../actors.mjs';
import { api } from '../house.mjs';

const role = name => `arn:aws:iam::000000000000:role/${name}`;

test('A group is made once, read, changed and deleted', async t => {
  const pool = await Pool.create(t, api);
  const which = { ...pool.in, GroupName: 'coaches' };
  const { Group } = await api.createGroup({ ...which, Description: 'whistles', Precedence: 3, RoleArn: role('coach') });
  assert.deepEqual([Group.GroupName, Group.UserPoolId, Group.Description, Group.Precedence, Group.RoleArn],
    ['coaches', pool.UserPoolId, 'whistles', 3, role('coach')]);
  assert.ok(Group.CreationDate instanceof Date && Group.LastModifiedDate instanceof Date);
  await refused(api.createGroup(which), aws.GroupExistsException);
  await api.updateGroup({ ...which, Precedence: 0 });
  const { Group: now } = await api.getGroup(which);
  assert.deepEqual([now.Precedence, now.Description], [0, 'whistles']);
  await api.deleteGroup(which);
  for (const call of [api.getGroup, api.deleteGroup, api.updateGroup]) await refused(call.call(api, which), aws.ResourceNotFoundException);
});

test('Groups, the members of a group and the groups of a user come in pages', async t => {
  const pool = await Pool.create(t, api);
  const [groups, users] = [['a', 'b', 'c'], ['ana', 'ben', 'cleo']];
  for (const GroupName of groups) await api.createGroup({ ...pool.in, GroupName });
  for (const Username of users) await api.adminCreateUser({ ...pool.in, Username, MessageAction: 'SUPPRESS' });
  for (const GroupName of groups) await api.adminAddUserToGroup({ ...pool.in, GroupName, Username: 'ana' });
  for (const Username of users) await api.adminAddUserToGroup({ ...pool.in, GroupName: 'a', Username });

  const by = { client: api, pageSize: 2 };
  const all = await pages(aws.paginateListGroups(by, pool.in), 'Groups');
  assert.deepEqual([all.items.map(one => one.GroupName), all.count], [groups, 2]);
  const members = await pages(aws.paginateListUsersInGroup(by, { ...pool.in, GroupName: 'a' }), 'Users');
  assert.deepEqual([members.items.map(one => one.Username).sort(), members.count], [users, 2]);
  const held = await pages(aws.paginateAdminListGroupsForUser(by, { ...pool.in, Username: 'ana' }), 'Groups');
  assert.deepEqual([held.items.map(one => one.GroupName), held.count], [groups, 2]);

  await refused(api.adminAddUserToGroup({ ...pool.in, GroupName: 'none', Username: 'ana' }), aws.ResourceNotFoundException);
  await refused(api.adminAddUserToGroup({ ...pool.in, GroupName: 'a', Username: 'nobody' }), aws.UserNotFoundException);
});

test('A token names the groups of its user, and a refresh reads them again', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  await pool.user('ana');
  for (const [GroupName, Precedence] of [['coaches', 1], ['parents', 5]]) {
    await api.createGroup({ ...pool.in, GroupName, Precedence, RoleArn: role(GroupName) });
    await api.adminAddUserToGroup({ ...pool.in, GroupName, Username: 'ana' });
  }
  const tokens = await pool.signIn(client, 'ana');
  const id = claims(tokens.IdToken);
  assert.deepEqual(id['cognito:groups'].sort(), ['coaches', 'parents']);
  assert.deepEqual(claims(tokens.AccessToken)['cognito:groups'].sort(), ['coaches', 'parents']);
  assert.deepEqual([id['cognito:preferred_role'], id['cognito:roles'].sort()], [role('coaches'), [role('coaches'), role('parents')]]);

  await api.adminRemoveUserFromGroup({ ...pool.in, GroupName: 'coaches', Username: 'ana' });
  const fresh = await pool.refresh(client, tokens);
  assert.deepEqual(claims(fresh.AccessToken)['cognito:groups'], ['parents']);
  await api.deleteGroup({ ...pool.in, GroupName: 'parents' });
  assert.equal('cognito:groups' in claims((await pool.refresh(client, tokens)).AccessToken), false);
});
