// A session as an application on the AWS SDK sees it: sign in, read the user, refresh, revoke.
import * as aws from '@aws-sdk/client-cognito-identity-provider';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo, pool, publicClient } from '../actors/seed.mjs';
import { startServer } from '../actors/server.mjs';

let server, api;
before(async () => {
  server = await startServer();
  api = new aws.CognitoIdentityProviderClient({
    endpoint: server.url, region: 'us-east-1', maxAttempts: 1,
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any-secret-passes-in-dev' },
  });
});
after(() => server?.stop());

const signIn = () => api.send(new aws.InitiateAuthCommand({
  AuthFlow: 'USER_PASSWORD_AUTH', ClientId: publicClient.Id,
  AuthParameters: { USERNAME: demo.username, PASSWORD: demo.password },
}));

test('The seeded pool is listed', async () => {
  const { UserPools } = await api.send(new aws.ListUserPoolsCommand({ MaxResults: 60 }));
  assert.ok(UserPools.some(one => one.Id === pool), JSON.stringify(UserPools));
});

test('A wrong password is the exception that the SDK knows by name', () =>
  assert.rejects(api.send(new aws.InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH', ClientId: publicClient.Id,
    AuthParameters: { USERNAME: demo.username, PASSWORD: `${demo.password}?` },
  })), error => error instanceof aws.NotAuthorizedException && error.message === 'Incorrect username or password.'));

test('The tokens of a sign-in read the user, refresh, and die with the session', async () => {
  const { AuthenticationResult: first } = await signIn();
  assert.deepEqual([first.TokenType, first.ExpiresIn], ['Bearer', 3600]);
  const user = await api.send(new aws.GetUserCommand({ AccessToken: first.AccessToken }));
  assert.equal(user.Username, demo.username);

  const { AuthenticationResult: second } = await api.send(new aws.GetTokensFromRefreshTokenCommand({
    ClientId: publicClient.Id, RefreshToken: first.RefreshToken,
  }));
  assert.notEqual(second.AccessToken, first.AccessToken);

  await api.send(new aws.RevokeTokenCommand({ ClientId: publicClient.Id, Token: first.RefreshToken }));
  for (const { AccessToken } of [first, second]) {
    await assert.rejects(api.send(new aws.GetUserCommand({ AccessToken })), aws.NotAuthorizedException);
  }
});
