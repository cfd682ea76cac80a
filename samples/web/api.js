// Calls of the API. The session puts the credential on: the access token, or the cookie of the Bff. Nothing here knows which.
import { session } from './session.js';

/**
 * @typedef {{ status: number, body: any, why: string }} Answer `why` says in words why not; empty for a success
 */

/** @param {string} method @param {string} path @returns {Promise<Answer>} */
export async function call(method, path) {
  try {
    const reply = await session.fetch(`/api/${path}`, { method });
    const text = await reply.text();
    const body = text ? JSON.parse(text) : null;
    return { status: reply.status, body, why: reply.ok ? '' : whyNot(reply, body) };
  } catch (error) {
    // The network, or a session that cannot be refreshed right now. Nobody is signed out by it.
    return { status: 0, body: null, why: error.code === 'unavailable' ? 'The sign-in service cannot be reached. You stay signed in.' : 'No answer. You stay signed in.' };
  }
}

/** Ends every session of this user, on all devices. Gives why not, or nothing. */
export async function signOutEverywhere() {
  const { status, body, why } = await call('POST', 'sign-out-everywhere');
  // The Bff breaks off what is under way when a session ends, and says so: now and then of this very call, before its answer is here.
  return status === 204 || (status === 401 && body?.reason) ? '' : why;
}

/** The guard says why in WWW-Authenticate (RFC 6750 §3), the Bff as a reason, this API in words. @param {Response} reply @param {any} body */
function whyNot(reply, body) {
  const challenge = reply.headers.get('www-authenticate') ?? '';
  if (reply.status === 503) return 'The API cannot be sure at the moment. You stay signed in; try again in a few seconds.';
  if (reply.status === 403) return 'This is for staff, or for another scope.';
  return /error_description="([^"]*)"/.exec(challenge)?.[1] ?? body?.why ?? (body?.reason ? `The backend says: ${body.reason}.` : `The answer was ${reply.status}.`);
}
