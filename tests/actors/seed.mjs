// What the built-in seed promises, read from the seed itself so that nothing is listed twice.
import { readFileSync } from 'node:fs';

const calls = JSON.parse(readFileSync(new URL('../../src/Server/Dev/seed.json', import.meta.url)));
const all = name => calls.filter(call => name in call).map(call => ({ ...call, ...call[name] }));
const clients = all('CreateUserPoolClient');
const [password] = all('AdminSetUserPassword');

export const pool = all('CreateUserPool')[0].Id;
export const publicClient = clients.find(client => !client.Secret && !client.GenerateSecret);
export const confidentialClient = clients.find(client => client.Secret);
export const demo = { username: password.Username, password: password.Password };
