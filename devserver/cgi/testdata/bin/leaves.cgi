#!/bin/sh
# Ends, and leaves a process running that holds its output open.
printf 'Content-Type: text/plain\n\nall of it'
sleep 1000 & echo $! > "$PIDFILE"
