#!/bin/sh
printf 'Content-Type: text/plain\nX-A: b\n'
