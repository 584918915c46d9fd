#!/bin/sh
# No Content-Type, a status without a reason.
printf 'STATUS: 418\n\nteapot'
