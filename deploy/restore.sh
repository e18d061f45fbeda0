#!/usr/bin/env bash
# Makes the data folder of a database server from its backups, as of any moment since the oldest one:
#   deploy/restore.sh BACKUPS DATA [MOMENT]      with MOMENT in UTC, like 2026-11-27T14:05:00Z; the newest state without
# BACKUPS holds `base`, with a folder of pg_basebackup for each backup, named for the moment when it ended, and `wal`,
# the archived log. Run it as the account that runs PostgreSQL, then start the server on DATA: it replays the log up to
# the moment, and takes writes then.
set -euo pipefail
backups=$(realpath "$1") data=$2 moment=${3:-}

[ ! -e "$data" ] || { echo "$data is there already. Move it away first." >&2; exit 1; }
base=
for folder in "$backups"/base/*/; do
  name=$(basename "$folder")
  if [ -z "$moment" ] || [[ ! "$name" > "$moment" ]]; then base=$folder; fi # they come in the order of time
done
[ -n "$base" ] || { echo "There is no backup from before $moment." >&2; exit 1; }

mkdir -m 700 "$data"
cp -a "$base/." "$data"
{
  echo "restore_command = 'cp \"$backups/wal/%f\" \"%p\"'"
  echo "recovery_target_action = 'promote'"
  if [ -n "$moment" ]; then
    moment=${moment/T/ } # the setting takes no T and no Z
    echo "recovery_target_time = '${moment/Z/+00}'"
  fi
} >> "$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "$data holds the backup of $(basename "$base"). Start the server on it."
