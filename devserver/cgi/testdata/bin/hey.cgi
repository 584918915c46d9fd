#!/bin/sh
echo 'hey <you>!'
echo 'and more' >&2
