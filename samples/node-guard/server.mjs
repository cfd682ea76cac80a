// An API with one route, which is open to users of the app and to nobody whose session has ended.
import { createServer } from 'node:http';
import { Guard, machineToken, Refused } from './guard.mjs';

const {
  PORT = '5055', ISSUER = 'http://localhost:9229/us-east-1_Poolhouse', CLIENT_ID = 'poolhousepublicdemoclient1', BLIND_AFTER = '60000',
  FEED_CLIENT_ID, FEED_CLIENT_SECRET,     // not needed with `poolhouse dev`
} = process.env;

const guard = new Guard({
  issuer: ISSUER, clientIds: [CLIENT_ID], blindAfter: Number(BLIND_AFTER),
  token: FEED_CLIENT_ID && machineToken({ url: new URL(ISSUER).origin, clientId: FEED_CLIENT_ID, clientSecret: FEED_CLIENT_SECRET }),
});

createServer(async (request, response) => {
  const json = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  try {
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) return json(401, { error: 'no token' }, { 'www-authenticate': 'Bearer' });
    const { claims, stale } = await guard.check(token);
    json(200, { hello: claims.username }, stale ? { 'x-revocation-lag': 'stale' } : {});
  } catch (problem) {
    if (!(problem instanceof Refused)) json(500, { error: 'a fault of ours' });
    else if (problem.status === 503) json(503, { error: problem.message }, { 'retry-after': '5' });
    else json(401, { error: problem.message }, { 'www-authenticate': 'Bearer error="invalid_token"' });
  }
}).listen(Number(PORT), () => console.log(`http://localhost:${PORT}`));
