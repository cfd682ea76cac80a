// oidc-client-ts as its documentation has it: silent renewal by refresh token, the user in local storage, shared by all tabs.
// What the library leaves to the app is done well: one renewal at a time in a tab, another try when the last one failed.
const { UserManager, WebStorageStateStore } = globalThis.oidc;

export async function open({ issuer, clientId, access }) {
  const manager = new UserManager({
    authority: issuer, client_id: clientId, redirect_uri: `${location.origin}/`, scope: 'openid', automaticSilentRenew: true,
    // As early as the other client; the default of a minute is longer than these tokens live.
    accessTokenExpiringNotificationTimeInSeconds: access / 5,
    userStore: new WebStorageStateStore({ store: localStorage }),
  });
  let reason, renewing;
  /** Nothing but invalid_grant means that the refresh token is dead. */
  const failed = async error => {
    if (error.error !== 'invalid_grant') return;
    reason = error.error_description;
    await manager.removeUser();
  };
  manager.events.addSilentRenewError(failed);
  const refresh = () => renewing ??= manager.signinSilent().catch(async error => {
    await failed(error);
    throw error;
  }).finally(() => { renewing = undefined; });
  const send = (url, user) => fetch(url, { headers: { Authorization: `Bearer ${user.access_token}` } });

  if (new URLSearchParams(location.search).has('code')) {
    await manager.signinCallback();
    history.replaceState(null, '', '/');
  }
  return {
    signedIn: async () => await manager.getUser() !== null,
    reason: () => reason,
    signIn: () => manager.signinRedirect(),
    refresh,
    async fetch(url) {
      const user = await manager.getUser();
      const reply = await send(url, user.expired ? await refresh() : user);
      return reply.status === 401 ? send(url, await refresh()) : reply;
    },
  };
}
