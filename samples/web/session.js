// The session of this page, and the one place where the two applications differ.
import { createSession } from './client/index.js';

// What the server that serves this page says: the API holds no session for anybody, the Bff does.
export const settings = await (await fetch('/settings.json')).json();

/** Whether the tokens are in this page. */
export const inPage = !settings.bff;

export const session = createSession(inPage
  ? {
    issuer: settings.issuer,
    clientId: settings.clientId,
    scopes: ['openid', 'email', 'profile', 'aws.cognito.signin.user.admin', 'lanes/read', 'lanes/book'],
    origins: [location.origin], // the API, and nobody else, gets the access token
  }
  : { bff: settings.bff });
