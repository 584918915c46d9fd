#!/bin/sh
printf 'status: 404 Gone\nContent-Type: text/plain\n\ngone\n'
