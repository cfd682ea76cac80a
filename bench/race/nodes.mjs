// One user pool on several nodes of `poolhouse serve`, over one PostgreSQL.
import { randomBytes } from 'node:crypto';
import aws4 from 'aws4';
import { startPostgres } from '../../tests/actors/postgres.mjs';
import { run, startServer } from '../../tests/actors/server.mjs';

/** Who signs in. */
export const ana = { username: 'ana', password: 'Swim-4-Fun' };
const seconds = { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' };

/** Calls the JSON API at a URL with signatures. */
export function signed(url, keys) {
  const { host } = new URL(url);
  return async (operation, input) => {
    const request = aws4.sign({
      service: 'cognito-idp', region: 'us-east-1', host, method: 'POST', path: '/', body: JSON.stringify(input),
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}` },
    }, keys);
    const reply = await fetch(url, { method: 'POST', body: request.body, headers: request.headers });
    if (!reply.ok) throw new Error(`${operation}: ${await reply.text()}`);
    return reply.json();
  };
}

/** An administrator, whose calls `serve` verifies. */
export async function administrator(node, [file, ...first]) {
  const { code, out, err } = await run(file, [...first, 'access-key', 'create'], { env: { ...process.env, ...node.env } });
  if (code !== 0) throw new Error(err);
  const [, accessKeyId, secretAccessKey] = out.match(/^aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$/);
  return signed(node.env.POOLHOUSE_Server__PublicUrl, { accessKeyId, secretAccessKey });
}

/** A pool with one person and one public client that rotates; its pool and client ids. */
async function settle(admin, { origin, grace }) {
  const { UserPool: { Id: UserPoolId } } = await admin('CreateUserPool', { PoolName: 'Race' });
  await admin('AdminCreateUser', { UserPoolId, Username: ana.username, MessageAction: 'SUPPRESS' });
  await admin('AdminSetUserPassword', { UserPoolId, Username: ana.username, Password: ana.password, Permanent: true });
  const { UserPoolClient } = await admin('CreateUserPoolClient', {
    UserPoolId, ClientName: 'race', SupportedIdentityProviders: ['COGNITO'], ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid'],
    CallbackURLs: [`${origin}/`], LogoutURLs: [`${origin}/`],
    AccessTokenValidity: 300, IdTokenValidity: 300, RefreshTokenValidity: 86_400, TokenValidityUnits: seconds,
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: grace },
  });
  return { pool: UserPoolId, clientId: UserPoolClient.ClientId };
}

/**
 * Starts `count` nodes whose address is `url`, which leads to them once `opened` has been called with their ports.
 * The app at `origin` is the one client; its access tokens live `access` seconds.
 */
export async function startNodes({ count, url, opened, origin, access, grace, command }) {
  const database = await startPostgres();
  const env = {
    POOLHOUSE_Server__PublicUrl: url, POOLHOUSE_Keys__Master: randomBytes(32).toString('base64'), POOLHOUSE_Server__JsonLog: 'true',
    POOLHOUSE_Storage__ConnectionString: database.connection,
  };
  const start = port => startServer({ verb: 'serve', command, env, port });
  const nodes = [];
  const stop = async () => {
    await Promise.all(nodes.map(node => node.stop()));
    await database.stop();
  };
  try {
    nodes.push(await start());
    opened([nodes[0].port]);
    const { pool, clientId } = await settle(await administrator(nodes[0], command), { origin, grace });
    // The API of `serve` gives no token less than five minutes, and nobody has asked this client for one yet: the database says 15 seconds.
    const short = JSON.stringify({ AccessTokenValidity: access, IdTokenValidity: access });
    await database.sql(`update clients set settings = (settings::jsonb || '${short}')::text, access_ms = ${1000 * access}, access_ms_before = ${1000 * access}`);
    await nodes.pop().stop();
    nodes.push(...await Promise.all(Array.from({ length: count }, () => start())));
    opened(nodes.map(({ port }) => port));

    return {
      issuer: `${url}/${pool}`, clientId, stop,
      /** Ends one node as a crash does, and starts it again after a while. */
      async crash(which, pause) {
        nodes[which].kill('SIGKILL');
        await nodes[which].exited;
        await pause;
        const { port } = nodes[which];
        await nodes[which].stop();
        nodes[which] = await start(port);
      },
      /** Every session as the database has it: how often its refresh token was rotated, and whether it was ended. */
      async sessions() {
        const rows = await database.sql('select generation, coalesce(end_reason, -1) from sessions');
        return rows.split('\n').filter(Boolean).map(row => row.split('|').map(Number)).map(([generation, reason]) => ({ generation, ended: reason >= 0 }));
      },
    };
  } catch (problem) {
    await stop();
    throw problem;
  }
}
