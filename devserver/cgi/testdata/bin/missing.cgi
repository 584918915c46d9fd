#!/usr/bin/no-such-interpreter -w
print 1;
