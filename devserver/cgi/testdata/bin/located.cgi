#!/bin/sh
printf 'Status: 201 Created\nLocation: /things/1\nContent-Type: text/plain\n\nmade'
