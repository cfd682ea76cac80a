// aws-jwt-verify on real tokens, with the keys in memory: nanoseconds of CPU per check, measured anew for each line on standard input.
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const read = name => readFileSync(join(process.argv[2], name), 'utf8');
const [issuer] = read('about').split('\n');
const tokens = read('tokens').trimEnd().split('\n');
const verifier = JwtRsaVerifier.create({ issuer, jwksUri: `${issuer}/.well-known/jwks.json`, audience: null });
verifier.cacheJwks(JSON.parse(read('keys.json')));

for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  for (const token of tokens) verifier.verifySync(token);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) * 1000 / tokens.length);
}
