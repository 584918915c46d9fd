#!/bin/sh
# Wants nothing of its input.
exec <&-
printf 'Content-Type: text/plain\n\nno thanks'
