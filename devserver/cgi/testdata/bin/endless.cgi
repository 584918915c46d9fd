#!/bin/sh
# Prints for ever.
echo $$ > "$PIDFILE"
printf 'Content-Type: application/octet-stream\n\n'
exec cat /dev/zero
