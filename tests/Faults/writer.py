# Writes one row after the other on one PostgreSQL server, and says of each that was confirmed: its number, when it was sent, when it was
# confirmed (by a clock that all processes share), and on which timeline.
import json
import sys
import time
from contextlib import closing

import psycopg2

name, target = sys.argv[1:]
statement = "insert into written (server, number) values (%s, %s) returning ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint"
number = 0
while True:
    try:
        with closing(psycopg2.connect(target)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while True:
                number += 1
                sent = time.monotonic()
                cursor.execute(statement, (name, number))
                print(json.dumps({"server": name, "number": number, "sent": sent, "confirmed": time.monotonic(), "timeline": cursor.fetchone()[0]}), flush=True)
                time.sleep(0.05)
    except psycopg2.Error:
        time.sleep(0.1)   # a standby, or one that is gone
