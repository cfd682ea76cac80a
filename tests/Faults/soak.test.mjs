// F10: a day of load in ten minutes, by a clock that runs 144 times as fast.
import { sabotage, times, trial } from './trial.mjs';
import { runTrials } from './trials.mjs';

trial('F10', 'Under load nothing grows, and when all of it has expired no row is left', async ({ chance, counted, t }) => {
  Object.assign(counted, await runTrials('soak', { seed: chance.between(1, 2 ** 31 - 1), seconds: times(45, 600), sabotage: sabotage ?? 'none' }, t));
});
