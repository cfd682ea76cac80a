// What a database says when no server has it open.
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../actors/server.mjs';

// Debian's own Python and the SQLite that comes with it.
const python = '/usr/bin/python3';

/** Runs statements on a SQLite file, one after the other; the rows of the last. */
export async function sqlite(file, ...statements) {
  const script = 'import json,sqlite3,sys\ndb=sqlite3.connect(sys.argv[1],isolation_level=None)\nfor s in sys.argv[2:]: rows=db.execute(s).fetchall()\nprint(json.dumps(rows))';
  const { code, out, err } = await run(python, ['-c', script, file, ...statements]);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

const sessions = 'select id, generation, revoked_at is not null from sessions';
const feed = 'select seq, value from revocations order by pool_id, seq';
const ledger = (rows, entries) => ({ sessions: new Map(rows.map(([id, generation, revoked]) => [id, { generation: Number(generation), revoked: !!Number(revoked) }])), feed: entries });

/** The sessions and the feed of the pool in a data directory; a copy is read, and its integrity checked. */
export async function ledgerOf(data) {
  const copy = await mkdtemp(join(tmpdir(), 'poolhouse-ledger-'));
  try {
    for (const file of ['poolhouse.db', 'poolhouse.db-wal']) await cp(join(data, file), join(copy, file)).catch(() => {});
    const file = join(copy, 'poolhouse.db');
    assert.deepEqual(await sqlite(file, 'pragma integrity_check'), [['ok']]);
    return ledger(await sqlite(file, sessions), await sqlite(file, feed));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The same of a PostgreSQL cluster. */
export async function ledgerOfPostgres(postgres) {
  const rows = async query => (await postgres.sql(query)).split('\n').filter(Boolean).map(row => row.split('|'));
  const entries = await rows(feed);
  return ledger(await rows(sessions.replace('revoked_at is not null', '(revoked_at is not null)::int')), entries.map(([seq, value]) => [Number(seq), value]));
}
