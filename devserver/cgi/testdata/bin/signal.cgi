#!/bin/sh
printf 'Content-Type: text/plain\n\nall of it'
kill -SEGV $$
