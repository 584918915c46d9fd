#!/usr/bin/perl
# A plain answer.
print "Content-type: text/html; charset=UTF-8\nStatus: 200 Okay\n\nThis is the body";
