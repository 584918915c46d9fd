#!/bin/sh
printf 'Content-Type: text/plain\n\nall of it'
exit 3
