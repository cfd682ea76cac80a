// Configuration to copy, with the ids and URLs of this server.
import { copyButton } from './playground-tokens.js';
import { byId, el } from './playground-words.js';

/** @typedef {{ publicUrl: string, issuer: string, region: string, poolId: string, clientId: string, scopes: string[], user?: { username: string, password: string } }} Config */

/** @type {[string, string, (config: Config) => string][]} */
const kinds = [
  ['Amplify', 'Amplify v6, in the browser. It opens hosted pages at https addresses only, so on this machine it signs in by its own form.', ({ publicUrl, poolId, clientId, user }) => `import { Amplify } from 'aws-amplify';
import { signIn, fetchAuthSession } from 'aws-amplify/auth';

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: '${poolId}',
      userPoolClientId: '${clientId}',
      userPoolEndpoint: '${publicUrl}',
    },
  },
});

await signIn({
  username: '${user?.username ?? 'name'}',
  password: '${user?.password ?? 'password'}',
  options: { authFlowType: 'USER_PASSWORD_AUTH' },
});
const { tokens } = await fetchAuthSession();
`],
  ['@poolhouse/client', 'What this page uses: code with PKCE, one refresh for all tabs, and a reason for every end.', ({ issuer, clientId, scopes }) => `import { createSession } from '@poolhouse/client';

const session = createSession({
  issuer: '${issuer}',
  clientId: '${clientId}',
  redirectUri: 'http://localhost:5173/',
  scopes: [${scopes.filter(scope => ['openid', 'email'].includes(scope) || scope.includes('/')).map(scope => `'${scope}'`).join(', ')}],
  origins: ['http://localhost:5055'],                     // your API
});
session.on('ended', ({ reason }) => console.log(reason));

if (!await session.start()) await session.signIn();
await session.fetch('http://localhost:5055/orders');
`],
  ['oidc-client-ts', 'Code with PKCE from any single-page app. The redirect URI must be among the client’s callback URLs, letter by letter.', ({ issuer, clientId, scopes }) => `import { UserManager } from 'oidc-client-ts';

export const users = new UserManager({
  authority: '${issuer}',
  client_id: '${clientId}',
  redirect_uri: 'http://localhost:5173/',
  post_logout_redirect_uri: 'http://localhost:5173/',
  response_type: 'code',
  revokeTokensOnSignout: true,
  revokeTokenTypes: ['refresh_token'],
  scope: '${scopes.filter(scope => ['openid', 'email', 'profile'].includes(scope)).join(' ')}',
});

// await users.signinRedirect();   and at the redirect URI:   await users.signinCallback();
`],
  ['AWS CLI', 'Any access key passes here; the signature only has to be well formed.', ({ publicUrl, region, poolId, clientId, user }) => `export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=${publicUrl}
export AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=dev AWS_SECRET_ACCESS_KEY=dev

aws cognito-idp initiate-auth --client-id ${clientId} \\
  --auth-flow USER_PASSWORD_AUTH \\
  --auth-parameters USERNAME=${user?.username ?? 'name'},PASSWORD=${user?.password ?? 'password'}

aws cognito-idp list-users --user-pool-id ${poolId}
`],
  ['ASP.NET Core', 'An API with the guard: a revoked session is refused on the next call, and no call asks the pool. dotnet add package Poolhouse.Guard.AspNetCore', ({ issuer, clientId }) => `builder.Services.AddAuthentication().AddCognitoGuard(options =>
{
    options.Issuer = "${issuer}";
    options.ClientIds = ["${clientId}"];
    // In production: options.GuardClientId and options.GuardClientSecret, a machine client that may read the revocation feed.
});
builder.Services.AddAuthorization();

app.MapGet("/orders", () => "yours").RequireScope("api/read");
`],
];

/** Tabs after the WAI-ARIA pattern: arrows move, Tab leaves. @param {Config} config */
export function showSnippets(config) {
  const panel = byId('snippet');
  const tabs = kinds.map(([name], index) => el('button', { type: 'button', role: 'tab', id: `tab-${index}` }, name));
  const choose = (/** @type {number} */ chosen, focus = false) => {
    const [name, text, write] = kinds[chosen];
    const code = write(config);
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === chosen));
      tab.setAttribute('aria-controls', 'snippet');
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `tab-${chosen}`);
    panel.replaceChildren(el('div', { className: 'snippet-head' }, el('p', {}, text), copyButton(() => code, `Copy the configuration for ${name}`)), el('pre', {}, el('code', {}, code)));
    if (focus) tabs[chosen].focus();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => choose(index));
    tab.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((index + step + kinds.length) % kinds.length, true);
    });
  });
  byId('tabs').replaceChildren(...tabs);
  choose(0);
}
