#!/bin/sh
printf 'Content-Type: text/plain\nContent-Length: 100\n\nbody'
