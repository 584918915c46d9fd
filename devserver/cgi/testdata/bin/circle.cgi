#!/bin/sh
printf 'Location: /circle.cgi\n\n'
