// Does the time of an answer tell who exists? Sign-ins of users and of names without a user, in turn, one at a time, against a
// `poolhouse dev` of its own; users are hidden, every password and proof is wrong.
//   node bench/timing.mjs                    2,000 samples of each kind: about five minutes
//   node bench/timing.mjs --samples 400      fewer
//   --flows password,srp,choice,code         which sign-ins; all four are measured unless some are named
// The server is the published binary where there is one (artifacts/aot), else as it is built.
import { Agent, request } from 'node:http';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startServer } from '../tests/actors/server.mjs';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '2000' }, flows: { type: 'string', default: 'password,srp,choice,code' } } });
const samples = Number(values.samples), flows = values.flows.split(',');
// The fifth failure locks an account.
const triesPerName = 4;

const server = await startServer({ env: Object.fromEntries(['Address', 'Password', 'Pool'].map(what => [`POOLHOUSE_SignIn__FailuresPer${what}`, '100000000'])) });
const agent = new Agent({ keepAlive: true });
const signed = 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=' + '0'.repeat(64);

/** Calls an operation; the status, the reply, and how many milliseconds it took. */
const call = (operation, body) => new Promise((done, fail) => {
  const text = JSON.stringify(body), began = performance.now();
  request(server.url, {
    method: 'POST', agent, headers: {
      'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`, 'Content-Type': 'application/x-amz-json-1.1', 'Content-Length': Buffer.byteLength(text), Authorization: signed,
    },
  }, reply => {
    const parts = [];
    reply.on('data', part => parts.push(part));
    reply.on('end', () => done({ took: performance.now() - began, status: reply.statusCode, body: JSON.parse(Buffer.concat(parts)) }));
  }).on('error', fail).end(text);
});

/** The reply of a call that has to end with this error, or with none. */
async function must(operation, body, error) {
  const reply = await call(operation, body);
  if (reply.body.__type !== error) throw new Error(`${operation}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply;
}

const pool = (await must('CreateUserPool', {
  PoolName: 'Timing', UsernameAttributes: ['email'], Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
})).body.UserPool.Id;
const client = (await must('CreateUserPoolClient', {
  UserPoolId: pool, ClientName: 'timing', PreventUserExistenceErrors: 'ENABLED', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH'],
})).body.UserPoolClient.ClientId;
const begin = (AuthFlow, AuthParameters, error) => must('InitiateAuth', { AuthFlow, ClientId: client, AuthParameters }, error);
const name = () => `${randomBytes(8).toString('hex')}@example.com`, number = bytes => randomBytes(bytes).toString('hex');

/** One sample: what took how long, by the name of what was asked. */
const signIn = {
  password: async USERNAME => ({ password: (await begin('USER_PASSWORD_AUTH', { USERNAME, PASSWORD: number(8) }, 'NotAuthorizedException')).took }),
  srp: async USERNAME => {
    const first = await begin('USER_SRP_AUTH', { USERNAME, SRP_A: number(384) }), given = first.body.ChallengeParameters;
    const second = await must('RespondToAuthChallenge', {
      ChallengeName: 'PASSWORD_VERIFIER', ClientId: client, ChallengeResponses: {
        USERNAME: given.USERNAME, PASSWORD_CLAIM_SECRET_BLOCK: given.SECRET_BLOCK, PASSWORD_CLAIM_SIGNATURE: randomBytes(32).toString('base64'), TIMESTAMP: 'Tue May 7 00:09:40 UTC 2024',
      },
    }, 'NotAuthorizedException');
    return { 'SRP, first half': first.took, 'SRP, second half': second.took };
  },
  choice: async USERNAME => ({ choice: (await begin('USER_AUTH', { USERNAME })).took }),
  code: async USERNAME => ({ 'code by mail': (await begin('USER_AUTH', { USERNAME, PREFERRED_CHALLENGE: 'EMAIL_OTP' })).took }),
};

/** The p of the Mann-Whitney U test, two-sided, by its normal approximation. */
function mannWhitney(some, others) {
  const all = [...some.map(took => ({ took, mine: true })), ...others.map(took => ({ took, mine: false }))].sort((a, b) => a.took - b.took);
  const ranks = all.reduce((sum, one, index) => sum + (one.mine ? index + 1 : 0), 0);
  const [n, m] = [some.length, others.length], u = ranks - n * (n + 1) / 2;
  const z = Math.abs(u - n * m / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
  // Abramowitz and Stegun 26.2.17: the tail of the normal distribution, to 7.5e-8.
  const t = 1 / (1 + 0.2316419 * z), series = [0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429].reduceRight((sum, c) => (sum + c) * t, 0);
  return Math.min(1, 2 * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series);
}

const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];

console.log(`| ${samples} samples of each | users, median | nobody, median | difference | | Mann-Whitney p |\n|---|---|---|---|---|---|`);
for (const flow of flows) {
  const names = Array.from({ length: Math.ceil(samples / triesPerName) }, () => ({ real: name(), unknown: name() }));
  for (const { real } of names) {
    await must('AdminCreateUser', { UserPoolId: pool, Username: real, MessageAction: 'SUPPRESS' });
    await must('AdminSetUserPassword', { UserPoolId: pool, Username: real, Password: 'Passw0rd-1', Permanent: true });
  }
  const times = new Map();
  const take = async (username, kind, counts) => {
    for (const [what, took] of Object.entries(await signIn[flow](username))) {
      if (!times.has(what)) times.set(what, { real: [], unknown: [] });
      if (counts) times.get(what)[kind].push(took);
    }
  };
  for (let warm = 0; warm < 100; warm++) await take(name(), 'unknown', false);
  for (let taken = 0; taken < samples; taken++) {
    const pair = names[taken % names.length], kinds = randomBytes(1)[0] % 2 ? ['real', 'unknown'] : ['unknown', 'real'];
    for (const kind of kinds) await take(pair[kind], kind, true);
  }
  for (const [what, { real, unknown }] of times) {
    const [r, u] = [median(real), median(unknown)];
    console.log(`| ${what} | ${r.toFixed(3)} ms | ${u.toFixed(3)} ms | ${((u - r) * 1000).toFixed(0)} µs | ${((u - r) / r * 100).toFixed(2)} % | ${mannWhitney(real, unknown).toPrecision(2)} |`);
  }
}
agent.destroy();
await server.stop();
