#!/bin/sh
# Before Patroni stops PostgreSQL: holds off new requests, which wait for the next primary, and lets those that run go
# on to their end. They have a second. Takes what psql is to connect with: the site's database.
# See marketplace/postgresql. The lock ends with the server, or after some time if it is not stopped after all.
psql --no-psqlrc --quiet --command="SELECT pg_advisory_lock(hashtext('marketplace.held')), pg_sleep(10)" "$@" \
  > /dev/null 2>&1 &
sleep 1
