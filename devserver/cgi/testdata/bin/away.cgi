#!/bin/sh
printf 'Location: https://example.com/x\n\n'
