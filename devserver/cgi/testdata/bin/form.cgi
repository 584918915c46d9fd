#!/usr/bin/perl
# Tells what it was posted.
binmode STDIN; binmode STDOUT;
my $want = $ENV{CONTENT_LENGTH} // -1;
my ($all, $n) = ('', 0);
$n = read STDIN, $all, 1 << 22;
print "Content-Type: application/octet-stream\n\n$ENV{REQUEST_METHOD} $ENV{CONTENT_TYPE} $want $n\n$all";
