#!/bin/sh
printf 'Content-Type: text/plain\nContent-Length: 4\n\nbody and more'
