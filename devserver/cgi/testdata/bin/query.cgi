#!/bin/sh
printf 'Content-Type: text/plain\n\n%s|%s|%s' "$QUERY_STRING" "$#" "$1"
