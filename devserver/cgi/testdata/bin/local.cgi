#!/bin/sh
printf 'Location: /there/page?x=1\nContent-Type: text/html\nSet-Cookie: seen=1\n\nignored'
