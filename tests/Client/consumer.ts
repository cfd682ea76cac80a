// Compiled, not run: what a program in TypeScript may write, and what it may not.
import { createSession, SessionError, type Claims, type EndReason, type ErrorCode, type Session } from '@poolhouse/client';

const session: Session = createSession({
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Shop', clientId: 'browser', redirectUri: 'https://shop.example/callback',
  scopes: ['openid', 'orders/read'], origins: ['https://api.shop.example'], storage: 'sessionStorage', navigate: path => path.length, timeout: 5,
});
const behind: Session = createSession({ bff: '/bff' });

export async function use(): Promise<string> {
  const user: Claims | null = await session.start();
  const name: unknown = user?.['cognito:username'];
  const off: () => void = session.on('ended', ({ reason }) => { const why: EndReason = reason; console.log(why, name); });
  session.on('signed-in', ({ user }) => user.sub?.length);
  session.on('change', () => {});
  off();
  await session.signIn({ returnTo: '/orders', params: { prompt: 'login' } });
  await session.signOut({ everywhere: false });
  await behind.signOut();
  const { fetch, getAccessToken }: Session = session;
  const reply: Response = await fetch(new URL('https://api.shop.example'), { method: 'POST', body: new FormData() });
  try { return await getAccessToken() + reply.status; } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    const code: ErrorCode = error.code;
    const seconds: number | undefined = error.retryAfter;
    return `${code} ${error.reason} ${error.error} ${seconds}`;
  }
}

export function wrong(): void {
  // @ts-expect-error an issuer is needed
  createSession({ clientId: 'browser' });
  // @ts-expect-error the name of a storage says what it is
  createSession({ issuer: 'https://id.example', clientId: 'browser', storage: 'secure' });
  // @ts-expect-error one kind or the other
  createSession({ bff: '/bff', scopes: ['openid'] });
  // @ts-expect-error no such event
  session.on('signed-out', () => {});
  // @ts-expect-error an end has a reason, not a user
  session.on('ended', ({ user }) => user);
  // @ts-expect-error nobody may be signed in
  session.user.sub;
  // @ts-expect-error nobody but the package knows what is inside
  session.record;
  // @ts-expect-error a token comes by a promise
  const token: string = session.getAccessToken();
  // @ts-expect-error no such reason
  const reason: EndReason = 'bored';
  console.log(token, reason);
}
