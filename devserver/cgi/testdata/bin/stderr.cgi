#!/usr/bin/perl
print STDERR "some data\nfrom <b>stderr</b>\n";
print "Status: 500 Server Error\nContent-type: text/html\n\nThere was an error";
