#!/bin/sh
# Waits for ever, with a child that does, before it has said anything.
sleep 1000 & echo $! > "$PIDFILE"
wait
