// The development server that all scenarios of one run share.
import { development } from './actors.mjs';

export const { server, api, message, code } = await development();
