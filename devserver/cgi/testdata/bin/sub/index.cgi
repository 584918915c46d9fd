#!/bin/sh
printf 'Content-Type: text/plain\n\nindex %s %s %s' "$SCRIPT_NAME" "$PATH_INFO" "$REQUEST_URI"
