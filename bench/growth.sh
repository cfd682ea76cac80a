#!/usr/bin/env bash
# The same work with 1,000, 100,000 and 1,000,000 users and sessions, on SQLite and on PostgreSQL, and refreshes of one, two and three nodes:
# about twelve minutes. Takes the options of run.sh: --sessions 10000 makes a quick look.
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" --parts scaling "$@"
