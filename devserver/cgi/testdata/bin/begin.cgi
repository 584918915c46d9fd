#!/bin/sh
# Begins an answer and then says nothing more.
printf 'Content-Type: text/plain\n\nbegun\n'
sleep 1000 & echo $! > "$PIDFILE"
wait
