// F9: malformed input. What the parsers take is held against a second opinion; the server answers everything, and never with a fault of its own.
import { sabotage, times, trial } from './trial.mjs';
import { runTrials } from './trials.mjs';

trial('F9', 'Whatever is sent, nothing falls over, nothing hangs, and nothing is taken for what it is not', async ({ chance, counted, t }) => {
  Object.assign(counted, await runTrials('fuzz', {
    seed: chance.between(1, 2 ** 31 - 1), seconds: times(2, 60), 'server-seconds': times(30, 1000), sabotage: sabotage ?? 'none',
  }, t));
});
