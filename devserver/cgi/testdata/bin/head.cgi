#!/bin/sh
printf 'Content-Type: text/plain\nContent-Length: 4\nConnection: close\nTransfer-Encoding: chunked\n\nbody'
