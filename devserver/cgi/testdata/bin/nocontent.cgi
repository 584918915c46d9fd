#!/bin/sh
printf 'Status: 204\n\noops'
