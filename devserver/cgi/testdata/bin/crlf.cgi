#!/bin/sh
# Lines that end in CR LF, and two fields of one name.
printf 'content-type: text/plain\r\nSet-Cookie: a=1\r\nset-cookie: b=2; Path=/\r\nX-Empty:\r\n\r\nbody\r\n'
